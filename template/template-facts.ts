/** A machine's configuration, as `GET .../config` shows it. */
export type VmConfig = Readonly<Record<string, unknown>>;

/** What specs have to be checked against, read from a template's configuration. */
export interface TemplateFacts {
  readonly isTemplate: boolean;
  readonly firmware: "seabios" | "ovmf";
  /** Of the EFI disk; absent without one. */
  readonly efiType?: "2m" | "4m";
  /** Absent when the machine has no disk. */
  readonly rootDisk?: { readonly slot: string; readonly sizeGiB: number };
  /** Absent when the machine has no cloud-init drive. */
  readonly cloudInit?: { readonly slot: string; readonly datastore: string };
  readonly tags: readonly string[];
  /** Seconds since 1970; absent when the server does not tell. */
  readonly createdAtSeconds?: number;
}

const driveKey = /^(?:virtio|scsi|sata|ide)\d+$/;

/** Reads the facts. The drives are found wherever they are: the free slot that a build took differs. */
export function readTemplateFacts(config: VmConfig): TemplateFacts {
  const drives = Object.keys(config).filter((key) => driveKey.test(key));
  const rootSlot = findRootSlot(config, drives);
  const cloudInitSlot = drives.find((key) => isCloudInit(textOf(config, key)));
  const efiDisk = textOf(config, "efidisk0");
  const ctime = /\bctime=(\d+)/.exec(textOf(config, "meta"))?.[1];
  return {
    isTemplate: config["template"] === 1,
    firmware: config["bios"] === "ovmf" ? "ovmf" : "seabios",
    tags: textOf(config, "tags")
      .split(";")
      .filter((tag) => tag !== ""),
    ...(efiDisk === "" ? {} : { efiType: efiDisk.includes("efitype=4m") ? "4m" : "2m" }),
    ...(rootSlot === undefined
      ? {}
      : { rootDisk: { slot: rootSlot, sizeGiB: sizeGiBOf(textOf(config, rootSlot)) } }),
    ...(cloudInitSlot === undefined
      ? {}
      : { cloudInit: { slot: cloudInitSlot, datastore: datastoreOf(textOf(config, cloudInitSlot)) } }),
    ...(ctime === undefined ? {} : { createdAtSeconds: Number(ctime) }),
  };
}

/** The first disk of the boot order, else the first disk there is. */
function findRootSlot(config: VmConfig, drives: readonly string[]): string | undefined {
  const disks = drives.filter((key) => !/\bmedia=cdrom\b/.test(textOf(config, key)));
  const order = /\border=([^,]+)/.exec(textOf(config, "boot"))?.[1]?.split(";") ?? [];
  return order.find((key) => disks.includes(key)) ?? disks.toSorted()[0];
}

function isCloudInit(drive: string): boolean {
  return /^[^,]*\bvm-\d+-cloudinit\b/.test(drive);
}

function datastoreOf(drive: string): string {
  return drive.slice(0, drive.indexOf(":"));
}

const gibibytes: Readonly<Record<string, number>> = { K: 1024 ** -2, M: 1024 ** -1, G: 1, T: 1024 };

/** Rounded up: a machine's disk may be larger than its template's, never smaller. */
function sizeGiBOf(drive: string): number {
  const [, number = "0", unit = "G"] = /\bsize=(\d+)([KMGT])/.exec(drive) ?? [];
  return Math.ceil(Number(number) * (gibibytes[unit] ?? 1));
}

function textOf(config: VmConfig, key: string): string {
  return String(config[key] ?? "");
}
