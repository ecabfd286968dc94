import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { NixherdError } from "../lib/errors.ts";
import type { ClusterChanges } from "../proxmox/cluster-changes.ts";
import type { TemplateBuild } from "../specs/site-spec.ts";
import { pathOf, readTemplate } from "./cluster-template.ts";
import { forgetAttempts, noteAttempt } from "./leftovers.ts";
import { describeTemplate, type MadeTemplate, type MakeContext, templateTags } from "./make-context.ts";
import {
  needsOfTemplate,
  needsOfUpload,
  needsOfVerification,
  refuseMissingPrivileges,
} from "./missing-privileges.ts";
import { planVersion } from "./plan-version.ts";

export interface Image {
  /** Path of a qcow2 image of a NixOS. */
  readonly file: string;
  /** Its SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Makes the next version of the template from an image on this computer, with the API alone: uploaded, made a machine,
 * made a template. When a step fails nothing of it is left.
 * @throws CHECKSUM_WRONG, NO_PERMISSION, DATASTORE_MISSING, TASK_FAILED, INTERRUPTED
 */
export async function importTemplate(context: MakeContext, image: Image): Promise<MadeTemplate> {
  const { build, changes, say } = context;
  await checkChecksum(image);
  await checkStorage(changes, build);
  const version = await planVersion(changes, { ...context, templates: context.catalogue });
  const planned = { ...build, vmId: version.vmId };
  await refuseMissingPrivileges(changes, [
    ...needsOfTemplate(planned),
    ...needsOfUpload(build),
    ...needsOfVerification(version.vmId),
  ]);
  refuseInterrupted(context);
  const uploaded = `${version.name}.qcow2`;
  say(`uploading ${basename(image.file)} to ${build.uploads} as ${uploaded}`);
  const { node, uploads } = build;
  const target = { node, storage: uploads, content: "import", name: uploaded } as const;
  await changes.upload({ ...image, ...target, interrupt: context.interrupt });
  try {
    refuseInterrupted(context);
    say(`making ${version.name} (${version.vmId})`);
    const origin = { release: build.release, created: new Date().toISOString() };
    const description = describeTemplate(version.name, origin);
    await noteAttempt(context.root, version);
    await createTemplate(changes, build, { ...version, uploaded, description });
    await forgetAttempts(context.root);
    return { template: await readTemplate(changes, { ...version, node }), origin };
  } finally {
    await removeUpload(context, uploaded);
  }
}

async function checkChecksum({ file, sha256 }: Image): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const found = hash.digest("hex");
  if (found === sha256.toLowerCase()) return;
  throw new NixherdError("CHECKSUM_WRONG", {
    message: `${file} has the SHA-256 ${found}, not ${sha256}.`,
    hint: "Build or download the image again, and give the checksum that its source names.",
  });
}

async function checkStorage(changes: ClusterChanges, { node, uploads }: TemplateBuild): Promise<void> {
  const path = `nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(uploads)}/status`;
  const { content = "" } = (await changes.get(path)) as { readonly content?: string };
  if (content.split(",").includes("import")) return;
  throw new NixherdError("DATASTORE_MISSING", {
    message: `Storage ${uploads} takes no images to import (its content is ${content}).`,
    hint: "Add Import to its content on the cluster, or name another storage in templateBuild.uploads.",
  });
}

interface NewTemplate {
  readonly vmId: number;
  readonly name: string;
  readonly uploaded: string;
  readonly description: string;
}

async function createTemplate(
  changes: ClusterChanges,
  build: TemplateBuild,
  { vmId, name, uploaded, description }: NewTemplate,
): Promise<void> {
  const { node, datastore, uploads, bridge } = build;
  const machine = pathOf({ node, vmId });
  await changes.change("POST", `nodes/${encodeURIComponent(node)}/qemu`, {
    vmid: vmId,
    name,
    description,
    tags: templateTags,
    ostype: "l26",
    cores: 1,
    memory: 1024,
    cpu: "x86-64-v2-AES",
    scsihw: "virtio-scsi-single",
    virtio0: `${datastore}:0,import-from=${uploads}:import/${uploaded},discard=on,iothread=1`,
    ide2: `${datastore}:cloudinit`,
    boot: "order=virtio0",
    serial0: "socket",
    agent: "1",
    net0: `virtio,bridge=${bridge}`,
    ciupgrade: 0,
    ...(build.firmware === "ovmf" ? firmwareParameters(datastore) : {}),
  });
  try {
    await changes.change("POST", `${machine}/template`);
  } catch (error) {
    await changes.change("DELETE", machine, { purge: 1, "destroy-unreferenced-disks": 1 });
    throw error;
  }
}

/** Without enrolled keys: they would keep an unsigned boot loader from starting. */
function firmwareParameters(datastore: string): Readonly<Record<string, string>> {
  return { bios: "ovmf", machine: "q35", efidisk0: `${datastore}:1,efitype=4m,pre-enrolled-keys=0` };
}

/** The uploaded file was copied into the template's disk. Removing it needs more than uploading it: then it stays. */
async function removeUpload({ build, changes, say }: MakeContext, uploaded: string): Promise<void> {
  const volume = encodeURIComponent(`${build.uploads}:import/${uploaded}`);
  const path = `nodes/${encodeURIComponent(build.node)}/storage/${encodeURIComponent(build.uploads)}/content/${volume}`;
  try {
    await changes.change("DELETE", path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`${uploaded} stays on storage ${build.uploads}: ${reason}`);
  }
}

function refuseInterrupted({ interrupt }: MakeContext): void {
  if (!interrupt.aborted) return;
  throw new NixherdError("INTERRUPTED", {
    message: "The import was interrupted; nothing of it is left.",
    hint: "Run nixherd template import again.",
  });
}
