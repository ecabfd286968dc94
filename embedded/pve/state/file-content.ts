import { createHash } from "node:crypto";

/** What is kept of a file that came to a storage; its bytes are not. */
export interface FileContent {
  readonly sizeBytes: number;
  /** Algorithm, as the API names it (`md5`, `sha1`, `sha256`, ...), to the digest in hex. */
  readonly digests: Readonly<Record<string, string>>;
  /** Size that a machine sees, where the file is a qcow2 image; else undefined. */
  readonly virtualSizeBytes: number | undefined;
}

/** Takes a file's bytes in order and tells at the end what they were. */
export interface FileInspector {
  add(chunk: Uint8Array): void;
  result(): FileContent;
}

/** Algorithms that a caller may give a checksum in. */
const algorithms = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;

/** Bytes of a qcow2 header up to the end of the virtual size. */
const qcow2HeaderBytes = 32;

function qcow2Size(header: Buffer): number | undefined {
  if (header.length < qcow2HeaderBytes || header.toString("latin1", 0, 4) !== "QFI\xfb") return undefined;
  return Number(header.readBigUInt64BE(24));
}

/** Makes an inspector for one file; it holds no more than the file's first bytes. */
export function createFileInspector(): FileInspector {
  const hashes = algorithms.map((name) => [name, createHash(name)] as const);
  let sizeBytes = 0;
  let header: Buffer = Buffer.alloc(0);
  return {
    add(chunk) {
      if (header.length < qcow2HeaderBytes)
        header = Buffer.concat([header, chunk.subarray(0, qcow2HeaderBytes)]);
      sizeBytes += chunk.length;
      for (const [, hash] of hashes) hash.update(chunk);
    },
    result: () => ({
      sizeBytes,
      digests: Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest("hex")])),
      virtualSizeBytes: qcow2Size(header),
    }),
  };
}
