import { hasRoom } from "../reports/has-room.ts";
import type { Cluster } from "../state/cluster.ts";
import type { FileContent } from "../state/file-content.ts";
import { findVolume, storeVolume } from "../state/volume.ts";
import type { FileTarget } from "./content-kind.ts";

/** True when a file of that size has room on a storage, in place of the one that has its name. */
export function fits(cluster: Cluster, { storage, node, volid }: FileTarget, sizeBytes: number): boolean {
  const replacedBytes = findVolume(cluster, node, volid)?.sizeBytes ?? 0;
  return hasRoom(cluster, storage, node, sizeBytes - replacedBytes);
}

/** Puts a file on a storage, in place of one with its name. */
export function storeFile(cluster: Cluster, target: FileTarget, file: FileContent): void {
  const { storage, node, content, format, volid } = target;
  const { sizeBytes, digests, virtualSizeBytes } = file;
  storeVolume(cluster, storage, node, {
    volid,
    storage: storage.name,
    node: storage.shared ? undefined : node,
    content,
    format,
    vmid: undefined,
    sizeBytes,
    digests,
    createdAtSeconds: cluster.clock.nowSeconds(),
    parent: undefined,
    // Only what calls itself an image is read as one.
    ...(virtualSizeBytes === undefined || format !== "qcow2" ? {} : { virtualSizeBytes }),
  });
}

/** A checksum that a caller sent along. */
export interface Checksum {
  /** `sha256`, ... */
  readonly algorithm: string;
  readonly digest: string;
}

/** What is wrong with a file by its checksum, in the server's words; undefined when it is the right one. */
export function checksumProblem(
  digests: Readonly<Record<string, string>>,
  { algorithm, digest }: Checksum,
): string | undefined {
  const got = digests[algorithm] ?? "";
  return got === digest.toLowerCase() ? undefined : `checksum mismatch: got '${got}' != expect '${digest}'`;
}
