import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { runCommand } from "../lib/run-command.ts";

/** A key pair for one purpose, in OpenSSH's format. */
export interface KeyPair {
  /** Path of the private key. */
  readonly file: string;
  readonly publicKey: string;
}

/**
 * Makes an ed25519 key pair in a folder of its own; it goes with the folder.
 * @throws COMMAND_NOT_STARTED without OpenSSH
 */
export async function makeKey(folder: string, comment: string): Promise<KeyPair> {
  const file = join(folder, "id_ed25519");
  const args = ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file];
  const { exitCode, stderr } = await runCommand({ file: "ssh-keygen", args, cwd: folder, timeoutMs: 30_000 });
  if (exitCode === 0) return { file, publicKey: (await readFile(`${file}.pub`, "utf8")).trim() };
  throw new NixherdError("COMMAND_NOT_STARTED", {
    message: `ssh-keygen made no key: ${stderr.trim()}`,
    hint: "Check that OpenSSH is installed and that the folder for temporary files can be written.",
  });
}
