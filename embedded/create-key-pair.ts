import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { NixherdError } from "../lib/errors.ts";

/**
 * Makes an ed25519 key pair in OpenSSH's format: `file` and `file.pub`, unless it is there. Returns the public key with
 * its comment.
 * ssh-keygen does it: about one in 300 of the key pairs that ssh2 1.17.0 makes cannot be read.
 *
 * @throws EMBEDDED_FAILED when ssh-keygen is missing or refuses.
 */
export async function createKeyPair(file: string, comment: string): Promise<string> {
  if (existsSync(`${file}.pub`)) return readPublicKey(file);
  await mkdir(dirname(file), { recursive: true });
  // ssh-keygen asks before it replaces a file; one without its public half was cut off while it was made.
  await rm(file, { force: true });
  try {
    await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
  } catch (error) {
    throw new NixherdError("EMBEDDED_FAILED", {
      message: `No SSH key could be made with ssh-keygen: ${error instanceof Error ? error.message.trim() : String(error)}`,
      hint: "Install OpenSSH's client: ssh and ssh-keygen must be on PATH.",
      cause: error,
    });
  }
  return readPublicKey(file);
}

async function readPublicKey(file: string): Promise<string> {
  return (await readFile(`${file}.pub`, "utf8")).trim();
}
