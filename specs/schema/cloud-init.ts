import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

/** Name servers and search domain that cloud-init gives to the guest. */
export const dns = section(`Name resolution inside the guest. ${onChange.powerCycle}`, {
  servers: defaulted(
    Type.Array(Type.String(), {
      description:
        'Addresses of name servers, such as "192.0.2.53". Default: none, which gives the guest those of the node.',
    }),
    [],
  ),
  domain: Type.Optional(Type.String({ description: "Search domain. Default: the one the node uses." })),
});

/** Who may log in. */
export const access = section(
  "Who may log in over SSH. There is no key for a password on purpose: whatever a machine is created with ends in Terraform's state, " +
    "readable for everybody who may read the state. Later changes of keys are the NixOS configuration's job.",
  {
    user: defaulted(
      Type.String({
        ...forms.account,
        description: `Account that gets the keys and that the hooks log in with. Default: "root". ${onChange.firstBoot}`,
      }),
      "root",
    ),
    sshKeys: defaulted(
      Type.Array(Type.String(), {
        description:
          "Public keys, one OpenSSH line each: ed25519, RSA of 2048 bits or more, ECDSA, or a security key (sk-). Default: none.",
      }),
      [],
    ),
    sshKeyFiles: defaulted(
      Type.Array(Type.String(), {
        description:
          'Files with public keys, relative to the repository\'s root, such as "keys/ops.pub"; one key a line, # begins a comment. Default: none.',
      }),
      [],
    ),
  },
);

const volume = (what: string) =>
  Type.Optional(
    Type.String({
      ...forms.snippet,
      description:
        `Snippet that takes the place of the generated ${what}, as a volume id that exists on the node, such as "local:snippets/web.yaml". ` +
        onChange.replace,
    }),
  );

/** The cloud-init drive. */
export const cloudInit = section(
  "The cloud-init drive, which carries name, addresses, name servers and keys to the first boot.",
  {
    datastore: Type.Optional(
      Type.String({
        ...forms.datastore,
        description: `Storage of the drive. Default: the template's (templates.<key>.cloudInit.datastore), else the root disk's. ${onChange.powerCycle}`,
      }),
    ),
    slot: Type.Optional(
      Type.String({
        ...forms.cloudInitSlot,
        description: "Where the drive is plugged in: ide0-3, sata0-5 or scsi0-30. Default: the template's.",
      }),
    ),
    type: Type.Optional(
      Type.Enum(["nocloud", "configdrive2"], {
        description: `Format of the drive. Default: "nocloud" for Linux. ${onChange.replace}`,
      }),
    ),
    upgrade: Type.Optional(
      Type.Boolean({
        description:
          "Lets cloud-init upgrade packages at the first boot; means nothing to NixOS. Before Proxmox VE 9 only root may set it. Default: unset.",
      }),
    ),
    userData: volume("user data"),
    vendorData: volume("vendor data"),
    networkData: volume("network data"),
    metaData: volume("meta data"),
  },
);
