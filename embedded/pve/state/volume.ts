import { checkSpace } from "../faults/check-space.ts";
import type { Cluster } from "./cluster.ts";
import { type PveStorage, pathOf } from "./storage.ts";

/** One disk image, cloud-init drive or file on a storage. */
export interface Volume {
  /** `local-lvm:vm-101-disk-0`, or `local-lvm:101/vm-101-disk-0.qcow2` on a directory. */
  readonly volid: string;
  readonly storage: string;
  /** Node that holds it; undefined on shared storages. */
  readonly node: string | undefined;
  readonly content: string;
  readonly format: string;
  readonly vmid: number | undefined;
  sizeBytes: number;
  readonly createdAtSeconds: number;
  /** Volume that a linked clone reads through to. */
  readonly parent: string | undefined;
  /** Virtual size of an importable image, where it differs from the file's size. */
  readonly virtualSizeBytes?: number;
  /** Digests of a file by algorithm, where its bytes went through the server. */
  readonly digests?: Readonly<Record<string, string>>;
  /** Space that it takes on the storage, where that is less than its size. */
  readonly usedBytes?: number;
  /** A backup's note. */
  notes?: string;
  /** A backup that must not be deleted. */
  isProtected?: boolean;
}

/** Local storages of two nodes may hold volumes of the same id. */
function volumeKey(storage: PveStorage, node: string, volid: string): string {
  return storage.shared ? volid : `${node} ${volid}`;
}

/** The part before the colon. */
export function storageNameOf(volid: string): string {
  return volid.slice(0, volid.indexOf(":"));
}

/** The part after the storage: `vm-101-disk-0`, `101/vm-101-disk-0.qcow2`, `iso/x.iso`. */
export function volumeNameOf(volid: string): string {
  return volid.slice(volid.indexOf(":") + 1);
}

/** A volume as a node sees it. */
export function findVolume(cluster: Cluster, node: string, volid: string): Volume | undefined {
  const storage = cluster.storages.get(storageNameOf(volid));
  return storage === undefined ? undefined : cluster.volumes.get(volumeKey(storage, node, volid));
}

/** Puts a volume on a storage, in place of one with the same id. */
export function storeVolume(cluster: Cluster, storage: PveStorage, node: string, volume: Volume): Volume {
  cluster.volumes.set(volumeKey(storage, node, volume.volid), volume);
  return volume;
}

/** Removes a volume; one that is gone already is no error. */
export function removeVolume(cluster: Cluster, node: string, volid: string): void {
  const storage = cluster.storages.get(storageNameOf(volid));
  if (storage !== undefined) cluster.volumes.delete(volumeKey(storage, node, volid));
}

/** Volumes of one storage as a node sees them. */
export function volumesOn(cluster: Cluster, storage: PveStorage, node: string): Volume[] {
  return [...cluster.volumes.values()].filter(
    (volume) => volume.storage === storage.name && (storage.shared || volume.node === node),
  );
}

/** An image to make. */
export interface NewImage {
  readonly storage: PveStorage;
  readonly node: string;
  readonly vmid: number;
  /** File name without its extension: `vm-101-disk-0`. */
  readonly name: string;
  readonly format: string;
  readonly sizeBytes: number;
  readonly parent?: string;
  /** What is written to it from the start; an image that nobody wrote to takes no space. @default 0 */
  readonly usedBytes?: number;
}

/** Volume id of an image by the storage's style. A linked clone on a directory names its base first. */
export function imageVolid(image: NewImage): string {
  const { storage, vmid, name, format, parent } = image;
  if (storage.style !== "dir") return `${storage.name}:${name}`;
  const base = parent === undefined ? "" : `${volumeNameOf(parent)}/`;
  return `${storage.name}:${base}${vmid}/${name}.${format}`;
}

/**
 * Makes an image of a VM on a storage.
 *
 * @throws ApiError 500 when the storage is full.
 */
export function createImage(cluster: Cluster, image: NewImage): Volume {
  const { storage, node, vmid, format, sizeBytes } = image;
  checkSpace(cluster, storage, node, image.name);
  return storeVolume(cluster, storage, node, {
    volid: imageVolid(image),
    storage: storage.name,
    node: storage.shared ? undefined : node,
    content: "images",
    format: storage.style === "dir" ? format : "raw",
    vmid,
    sizeBytes,
    usedBytes: image.usedBytes ?? 0,
    createdAtSeconds: cluster.clock.nowSeconds(),
    parent: image.parent,
  });
}

/** The first free `vm-101-disk-N` of a VM on a storage. */
export function nextDiskName(cluster: Cluster, storage: PveStorage, node: string, vmid: number): string {
  const taken = new Set(
    volumesOn(cluster, storage, node)
      .filter((volume) => volume.vmid === vmid)
      .map((volume) => /(?:vm|base)-\d+-disk-(\d+)/.exec(volume.volid.split("/").at(-1) ?? "")?.[1]),
  );
  let index = 0;
  while (taken.has(String(index))) index += 1;
  return `vm-${vmid}-disk-${index}`;
}

/** Folder of a directory storage that holds a kind of file; images lie in `images/<vmid>`. */
const fileFolders: Readonly<Record<string, string>> = {
  iso: "template/iso",
  vztmpl: "template/cache",
  backup: "dump",
  snippets: "snippets",
  import: "import",
};

/** Where a volume is found on its node. */
export function volumePath(storage: PveStorage, volid: string): string {
  const name = volumeNameOf(volid);
  if (storage.style === "lvmthin") return `/dev/pve/${name}`;
  if (storage.style === "zfspool") return `/dev/zvol/rpool/data/${name}`;
  const parts = name.split("/");
  const [kind = "", file] = parts;
  const folder = fileFolders[kind];
  return folder === undefined
    ? `${pathOf(storage)}/images/${parts.slice(-2).join("/")}`
    : `${pathOf(storage)}/${folder}/${file}`;
}
