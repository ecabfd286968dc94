import type { TemplateBuild } from "../../specs/site-spec.ts";

/** What a single build is told besides the site's settings. */
export interface BuildValues {
  readonly vmId: number;
  readonly name: string;
  /** Commit of this repository; "unknown" outside of git. */
  readonly revision: string;
  readonly nixpkgsRevision: string;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly manifestFile: string;
  readonly isInsecure: boolean;
  /** Key of the build, for the installer; a clone is given Packer's own. */
  readonly key?: { readonly file: string; readonly publicKey: string };
}

/** The variables of packer/variables.pkr.hcl for a build, as the content of a JSON file. */
export function packerVariables(site: TemplateBuild, values: BuildValues): Readonly<Record<string, unknown>> {
  return {
    node: site.node,
    datastore: site.datastore,
    bridge: site.bridge,
    insecure_skip_tls_verify: values.isInsecure,
    memory_mib: site.memoryMiB,
    firmware: site.firmware,
    vm_id: values.vmId,
    template_name: values.name,
    release: site.release,
    revision: values.revision,
    nixpkgs_revision: values.nixpkgsRevision,
    created: values.created,
    manifest: values.manifestFile,
    ...(site.baseVmId === undefined ? {} : { base_vm_id: site.baseVmId }),
    ...(site.iso === undefined
      ? {}
      : { iso_url: site.iso.url, iso_sha256: site.iso.sha256, iso_datastore: site.uploads }),
    ...(values.key === undefined
      ? {}
      : { ssh_private_key_file: values.key.file, ssh_public_key: values.key.publicKey }),
  };
}
