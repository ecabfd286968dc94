import { type Static, Type } from "typebox";
import { forms } from "./schema/forms.ts";
import { type Complete, defaulted, section } from "./schema/keys.ts";
import { sitePolicy } from "./schema/site-policy.ts";
import { templateBuild, templateOrigin } from "./schema/site-template.ts";
import { siteWatch } from "./schema/site-watch.ts";

const proxmox = section("The Proxmox VE API. Secrets come from the environment (PROXMOX_VE_API_TOKEN).", {
  endpoint: Type.Optional(
    Type.String({
      ...forms.apiEndpoint,
      description:
        'URL of the API, such as "https://pve1.example.org:8006/". Default: PROXMOX_VE_ENDPOINT of the environment.',
    }),
  ),
  insecure: Type.Optional(
    Type.Boolean({
      description:
        "Skips the check of the API's certificate. Better: name its CA in SSL_CERT_FILE. Default: PROXMOX_VE_INSECURE, else false.",
    }),
  ),
  minTls: Type.Optional(
    Type.Enum(["1.0", "1.1", "1.2", "1.3"], {
      description: 'Oldest version of TLS to speak. Default: "1.3".',
    }),
  ),
});

const backend = Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
  minProperties: 1,
  maxProperties: 1,
  description:
    "Where Terraform keeps the state: one key, the backend's type, with that backend's own settings; {stack} in them stands for the stack's name. " +
    "No secrets: every backend reads its own from the environment. " +
    'Default: { "local": { "path": "../../../terraform.{stack}.tfstate" } }, a file in the repository\'s root (paths start in cdktf.out/stacks/<stack>).',
  examples: [{ s3: { bucket: "terraform-state", key: "nixherd/{stack}.tfstate", region: "eu-central-1" } }],
});

const rootDisk = section("The disk that the system is installed on.", {
  slot: defaulted(
    Type.String({
      ...forms.diskSlot,
      description: 'Where the template has it. Default: "virtio0".',
    }),
    "virtio0",
  ),
  sizeGiB: Type.Integer({
    minimum: 1,
    description: "Its size in GiB; machines' root disks are at least as large.",
  }),
});

const templateCloudInit = section("The template's cloud-init drive.", {
  slot: defaulted(
    Type.String({
      ...forms.cloudInitSlot,
      description: 'Where the template has it. Default: "ide2".',
    }),
    "ide2",
  ),
  datastore: Type.Optional(
    Type.String({
      ...forms.datastore,
      description: "Storage of the machines' cloud-init drives. Default: that of each machine's root disk.",
    }),
  ),
});

const siteTemplate = section(
  "One golden template, found by exactly one of name, tag and vmId; the deploy stops if that matches none or several.",
  {
    name: Type.Optional(Type.String({ minLength: 1, description: "Its name on the cluster." })),
    tag: Type.Optional(Type.String({ minLength: 1, description: "A tag that only it has." })),
    vmId: Type.Optional(Type.Integer({ minimum: 100, maximum: 999_999_999, description: "Its VMID." })),
    node: Type.Optional(
      Type.String({
        description:
          "Node that holds it. Default: the node where it is found; with vmId, the node of the machine to be made.",
      }),
    ),
    rootDisk,
    cloudInit: defaulted(templateCloudInit, {}),
    firmware: defaulted(
      Type.Enum(["seabios", "ovmf"], { description: 'What it was installed with. Default: "seabios".' }),
      "seabios",
    ),
    efiType: Type.Optional(Type.Enum(["2m", "4m"], { description: "Kind of its EFI disk; with ovmf." })),
    ...templateOrigin,
  },
);

const siteStack = section("Bounds of one stack.", {
  vmIds: Type.Optional(
    section("VMIDs of the stack's machines.", {
      from: Type.Integer({ minimum: 100, maximum: 999_999_999, description: "First one." }),
      to: Type.Integer({ minimum: 100, maximum: 999_999_999, description: "Last one." }),
    }),
  ),
  addressPools: defaulted(
    Type.Array(
      Type.Union([
        Type.String(),
        section("A range of addresses.", {
          from: Type.String({ description: "First address." }),
          to: Type.String({ description: "Last address." }),
        }),
      ]),
      {
        description:
          'Where fixed addresses of the stack\'s machines come from: "10.0.20.0/24" or { "from": "10.0.20.10", "to": "10.0.20.99" }. ' +
          "A family without a pool is free. Default: none.",
      },
    ),
    [],
  ),
  domain: Type.Optional(
    Type.String({
      description:
        "DNS domain in which the stack's names must be unique. Default: one that all such stacks share.",
    }),
  ),
});

/** The JSON schema of vm-specs/_site.json; its descriptions are the user's manual. */
export const siteSpecSchema = section("What all machines of the repository share.", {
  $schema: Type.Optional(Type.String({ description: "Path or URL of this schema, for editors." })),
  proxmox: defaulted(proxmox, {}),
  backend: defaulted(backend, { local: { path: "../../../terraform.{stack}.tfstate" } }),
  templates: defaulted(
    Type.Record(Type.String({ ...forms.siteKey }), siteTemplate, {
      additionalProperties: false,
      description: "Catalogue of golden templates, by a key that specs use.",
    }),
    {},
  ),
  templateBuild: Type.Optional(templateBuild),
  stacks: defaulted(
    Type.Record(Type.String({ ...forms.siteKey }), siteStack, {
      additionalProperties: false,
      description: "Bounds of stacks, by the name of their folder.",
    }),
    {},
  ),
  policy: defaulted(sitePolicy, {}),
  watch: defaulted(siteWatch, {}),
  nixos: defaulted(
    section("NixOS configurations.", {
      flake: defaulted(
        Type.String({
          minLength: 1,
          description: 'Flake of machines that name none. Default: ".", this repository.',
        }),
        ".",
      ),
      resolve: defaulted(
        Type.Boolean({
          description:
            "Whether nixherd evaluates the machines' systems before it plans, so that only machines whose system changed run their NixOS step, " +
            "and builds those that are built here. Needs nix, and a flake in a git repository; without them, or if false, any change of the flake's " +
            "files counts as one of every system. Default: true.",
        }),
        true,
      ),
    }),
    {},
  ),
  terraform: defaulted(
    section("How Terraform is run.", {
      parallelism: defaulted(
        Type.Integer({
          minimum: 1,
          maximum: 256,
          description: "Machines of a stack that are worked on at the same time. Default: 4.",
        }),
        4,
      ),
      clonesAtOnce: defaulted(
        Type.Integer({
          minimum: 1,
          maximum: 256,
          description:
            "Machines that all stacks of a nixherd apply together clone at the same time from one template, or onto one datastore: Proxmox VE " +
            "locks both, and clones that wait too long fail. Default: 8.",
        }),
        8,
      ),
    }),
    {},
  ),
});

/** What a user may write in vm-specs/_site.json. */
export type WrittenSiteSpec = Static<typeof siteSpecSchema>;

/** The site file with the built-in defaults filled in. */
export type SiteSpec = Omit<Complete<typeof siteSpecSchema>, "$schema">;

/** One entry of the template catalogue. */
export type SiteTemplate = Complete<typeof siteTemplate>;

/** What templates are built with. */
export type TemplateBuild = Complete<typeof templateBuild>;

/** Bounds of one stack. */
export type SiteStack = Complete<typeof siteStack>;
