import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

const keyboards = [
  "da",
  "de",
  "de-ch",
  "en-gb",
  "en-us",
  "es",
  "fi",
  "fr",
  "fr-be",
  "fr-ca",
  "fr-ch",
  "hu",
  "is",
  "it",
  "ja",
  "lt",
  "mk",
  "nl",
  "no",
  "pl",
  "pt",
  "pt-br",
  "sl",
  "sv",
  "tr",
] as const;

const vga = section(`The screen. ${onChange.powerCycle}`, {
  type: defaulted(
    Type.Enum(
      [
        "std",
        "virtio",
        "virtio-gl",
        "qxl",
        "qxl2",
        "qxl3",
        "qxl4",
        "vmware",
        "cirrus",
        "serial0",
        "serial1",
        "serial2",
        "serial3",
        "none",
      ],
      { description: 'Graphics card; serial0-3 shows that serial port instead. Default: "std".' },
    ),
    "std",
  ),
  memoryMiB: Type.Optional(
    Type.Integer({
      minimum: 4,
      maximum: 512,
      description: "Memory of the card, in MiB, 4-512. Default: 16.",
    }),
  ),
  clipboard: Type.Optional(
    Type.Enum(["vnc"], {
      description: "Clipboard of the noVNC console. Default: SPICE's, where there is one.",
    }),
  ),
});

const watchdog = section(`A watchdog that acts when the guest stops feeding it. ${onChange.powerCycle}`, {
  model: defaulted(Type.Enum(["i6300esb", "ib700"], { description: 'Default: "i6300esb".' }), "i6300esb"),
  action: defaulted(
    Type.Enum(["reset", "shutdown", "poweroff", "pause", "debug", "none"], {
      description: 'What happens to a machine that hangs. Default: "reset".',
    }),
    "reset",
  ),
});

const smbiosText = (what: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description: `${what} that the guest reads from its firmware.`,
    }),
  );

const smbios = section(
  `Identity in the firmware tables. Seen by the guest after its next start. ${onChange.live}`,
  {
    family: smbiosText("Product family"),
    manufacturer: smbiosText("Manufacturer"),
    product: smbiosText("Product name"),
    serial: smbiosText("Serial number"),
    version: smbiosText("Version"),
    uuid: Type.Optional(
      Type.String({
        ...forms.uuid,
        description: "System UUID. Default: made by Proxmox VE at the clone.",
      }),
    ),
  },
);

const virtiofs = section("One directory of the node that the guest can mount.", {
  mapping: Type.String({
    ...forms.mapping,
    description: "Name of the directory mapping in the cluster; also the mount tag in the guest.",
  }),
  cache: defaulted(
    Type.Enum(["auto", "always", "metadata", "never"], {
      description: 'Caching in the guest. Default: "auto".',
    }),
    "auto",
  ),
  directIo: defaulted(Type.Boolean({ description: "Honours O_DIRECT of the guest. Default: false." }), false),
  exposeAcl: defaulted(
    Type.Boolean({ description: "Shows POSIX ACLs (and extended attributes). Default: false." }),
    false,
  ),
  exposeXattr: defaulted(Type.Boolean({ description: "Shows extended attributes. Default: false." }), false),
});

const audio = section(`Sound. ${onChange.powerCycle}`, {
  device: defaulted(
    Type.Enum(["intel-hda", "ich9-intel-hda", "AC97"], { description: 'Sound card. Default: "intel-hda".' }),
    "intel-hda",
  ),
  driver: defaulted(
    Type.Enum(["spice"], { description: 'Where the sound goes. Default: "spice".' }),
    "spice",
  ),
});

/** Everything else that is plugged into the machine. */
export const hardware = section("Controllers, ports and small devices.", {
  scsi: defaulted(
    Type.Enum(["virtio-scsi-single", "virtio-scsi-pci", "lsi", "lsi53c810", "megasas", "pvscsi"], {
      description: `SCSI controller. Default: "virtio-scsi-single". ${onChange.powerCycle}`,
    }),
    "virtio-scsi-single",
  ),
  serial: defaulted(
    Type.Array(Type.String({ ...forms.serialPort }), {
      maxItems: 4,
      description:
        `Serial ports, up to four: "socket" for the node's terminal, or a device of the node (the machine cannot migrate then). ` +
        `Default: ["socket"], where NixOS shows its console. ${onChange.powerCycle}`,
    }),
    ["socket"],
  ),
  vga: Type.Optional(vga),
  tablet: defaulted(
    Type.Boolean({
      description: `Absolute pointer for the graphical console. Default: true. ${onChange.powerCycle}`,
    }),
    true,
  ),
  acpi: defaulted(
    Type.Boolean({
      description: `ACPI; the machine cannot be shut down cleanly without. Default: true. ${onChange.powerCycle}`,
    }),
    true,
  ),
  watchdog: Type.Optional(watchdog),
  smbios: Type.Optional(smbios),
  virtiofs: defaulted(
    Type.Array(virtiofs, {
      maxItems: 8,
      description: `Directories of the node, up to eight. Default: none. ${onChange.powerCycle}`,
    }),
    [],
  ),
  hotplug: Type.Optional(
    Type.Array(Type.Enum(["cpu", "disk", "memory", "network", "usb"]), {
      uniqueItems: true,
      description: `What may be plugged in while the machine runs; [] = nothing. Default: network, disk and usb. ${onChange.live}`,
    }),
  ),
  keyboard: Type.Optional(
    Type.Enum([...keyboards], {
      description: `Keyboard layout of the VNC console. Default: "en-us". ${onChange.powerCycle}`,
    }),
  ),
  hookScript: Type.Optional(
    Type.String({
      ...forms.snippet,
      description: `Script that the node runs around start and stop, as the volume id of a snippet. ${onChange.live}`,
    }),
  ),
  audio: Type.Optional(audio),
  os: defaulted(
    Type.Enum(["l26", "l24", "other"], {
      description: `Kind of guest, by which Proxmox VE chooses defaults; l26 is every current Linux. Default: "l26". ${onChange.powerCycle}`,
    }),
    "l26",
  ),
});
