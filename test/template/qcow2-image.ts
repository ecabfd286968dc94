import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";

/** Writes a file that begins as a qcow2 image of that size does, and gives its SHA-256. */
export function writeImage(file: string, sizeGiB: number): string {
  const image = Buffer.alloc(64 * 1024, 7);
  image.write("QFI\xfb", 0, "latin1");
  image.writeUInt32BE(3, 4);
  image.writeBigUInt64BE(BigInt(sizeGiB) * 1024n ** 3n, 24);
  writeFileSync(file, image);
  return createHash("sha256").update(image).digest("hex");
}
