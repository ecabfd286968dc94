import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

const MiBps = (what: string) =>
  Type.Optional(Type.Integer({ minimum: 1, description: `${what}, in MiB per second. Default: no bound.` }));
const iops = (what: string) =>
  Type.Optional(
    Type.Integer({ minimum: 1, description: `${what}, in operations per second. Default: no bound.` }),
  );

const speed = section(`Bounds of the disk's speed. ${onChange.live}`, {
  readMiBps: MiBps("Reading"),
  readBurstMiBps: MiBps("Reading in short bursts"),
  writeMiBps: MiBps("Writing"),
  writeBurstMiBps: MiBps("Writing in short bursts"),
  iopsRead: iops("Reads"),
  iopsReadBurst: iops("Reads in short bursts"),
  iopsWrite: iops("Writes"),
  iopsWriteBurst: iops("Writes in short bursts"),
});

/** One disk. */
export const disk = section("One disk.", {
  slot: Type.String({
    ...forms.diskSlot,
    description:
      "Where the disk is plugged in: scsi0-30, virtio0-15, sata0-5 or ide0-3, each once. The slot is the disk's identity: " +
      "a disk under another slot is another, empty disk. The template's root disk keeps the template's slot.",
    examples: ["virtio0", "scsi1"],
  }),
  sizeGiB: Type.Integer({
    minimum: 1,
    description:
      "Size in GiB. Grows only, live; the guest sees the new size at its next boot. A smaller size is refused by Proxmox VE. " +
      "The root disk is at least as large as the template's.",
  }),
  datastore: Type.String({
    ...forms.datastore,
    description: "Proxmox VE storage that holds the disk. A change moves the disk, live.",
    examples: ["local-lvm"],
  }),
  format: Type.Optional(
    Type.Enum(["raw", "qcow2", "vmdk"], { description: "Format of the image. Default: the storage's own." }),
  ),
  ssd: defaulted(
    Type.Boolean({
      description: `Shows the disk as an SSD; not on virtio slots. Default: false. ${onChange.live}`,
    }),
    false,
  ),
  discard: defaulted(
    Type.Boolean({
      description: `Gives blocks that the guest frees back to the storage. Default: true. ${onChange.live}`,
    }),
    true,
  ),
  iothread: Type.Optional(
    Type.Boolean({
      description:
        "A thread of its own for the disk; virtio slots, and scsi slots under hardware.scsi virtio-scsi-single. " +
        "Default: true where it is possible.",
    }),
  ),
  cache: defaulted(
    Type.Enum(["none", "writethrough", "writeback", "directsync", "unsafe"], {
      description: `Cache of the node in front of the disk. "unsafe" loses data when the node fails. Default: "none". ${onChange.live}`,
    }),
    "none",
  ),
  aio: defaulted(
    Type.Enum(["io_uring", "native", "threads"], {
      description: `How the node does the disk's I/O. Default: "io_uring". ${onChange.powerCycle}`,
    }),
    "io_uring",
  ),
  backup: defaulted(
    Type.Boolean({ description: `Is part of backups. Default: true. ${onChange.live}` }),
    true,
  ),
  replicate: defaulted(
    Type.Boolean({ description: `Is part of storage replication. Default: true. ${onChange.live}` }),
    true,
  ),
  serial: Type.Optional(
    Type.String({
      ...forms.diskSerial,
      description: "Serial number the guest sees, up to 20 characters. Default: none.",
    }),
  ),
  queues: Type.Optional(
    Type.Integer({
      minimum: 2,
      maximum: 256,
      description: `Number of I/O queues; scsi slots under hardware.scsi virtio-scsi-single. Default: one. ${onChange.powerCycle}`,
    }),
  ),
  speed: Type.Optional(speed),
});

/** The machine's disks, the root disk among them. */
export const disks = Type.Array(disk, {
  description:
    "Disks, the template's root disk among them. A disk that is taken out of the list is detached and kept as unused by Proxmox VE " +
    "until the machine is destroyed. Default: none, but the root disk must be there.",
});
