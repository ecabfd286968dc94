import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, section } from "./keys.ts";

/** What `nixherd template build` and `import` note down about a template; nothing in it changes a machine. */
export const templateOrigin = {
  version: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Name and version of what vmId is, such as "nixos-26.05-v3". Written by nixherd template.',
    }),
  ),
  release: Type.Optional(
    Type.String({
      ...forms.nixosRelease,
      description:
        'NixOS release of the template, such as "26.05". Past its end of life a warning says so. Default: no warning.',
    }),
  ),
  nixpkgsRevision: Type.Optional(
    Type.String({ ...forms.commit, description: "Commit of nixpkgs that it was built from." }),
  ),
  created: Type.Optional(Type.String({ minLength: 1, description: "When it was built, RFC 3339 in UTC." })),
};

/** What `nixherd template build` and `import` work with. */
export const templateBuild = section("How golden templates are built: nixherd template build and import.", {
  node: Type.String({ ...forms.node, description: "Node that builds and holds the templates." }),
  datastore: Type.String({ ...forms.datastore, description: "Storage of their disks." }),
  uploads: defaulted(
    Type.String({
      ...forms.datastore,
      description: 'Storage that takes ISO images and images to import. Default: "local".',
    }),
    "local",
  ),
  bridge: defaulted(
    Type.String({
      ...forms.bridge,
      description: 'Bridge with DHCP; for builds also with a way to the internet. Default: "vmbr0".',
    }),
    "vmbr0",
  ),
  vmIds: defaulted(
    section(
      'VMIDs of templates; every new version gets one of its own. Default: { "from": 9000, "to": 9999 }.',
      {
        from: Type.Integer({ minimum: 100, maximum: 999_999_999, description: "First one." }),
        to: Type.Integer({ minimum: 100, maximum: 999_999_999, description: "Last one." }),
      },
    ),
    { from: 9000, to: 9999 },
  ),
  release: Type.String({ ...forms.nixosRelease, description: 'NixOS release to build, such as "26.05".' }),
  nixpkgsRevision: Type.Optional(
    Type.String({
      ...forms.commit,
      description: "Commit of nixpkgs to build from; needed by build, so that it can be repeated.",
    }),
  ),
  firmware: defaulted(
    Type.Enum(["seabios", "ovmf"], { description: 'Firmware of the templates. Default: "seabios".' }),
    "seabios",
  ),
  baseVmId: Type.Optional(
    Type.Integer({
      minimum: 100,
      maximum: 999_999_999,
      description: "Template that a build clones: the VMID that scripts/import-cloud-image.sh was given.",
    }),
  ),
  iso: Type.Optional(
    section("The installer that a build with --from installer boots.", {
      url: Type.String({
        ...forms.installerUrl,
        description: "Where a numbered release of the minimal installer is, without a query.",
      }),
      sha256: Type.String({ ...forms.sha256, description: "Its checksum." }),
    }),
  ),
  memoryMiB: defaulted(
    Type.Integer({ minimum: 1024, description: "Memory of a build in MiB. Default: 4096." }),
    4096,
  ),
});
