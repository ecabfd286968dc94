import { failure } from "../http/api-error.ts";

const keyTypes = new Set([
  "ssh-ed25519",
  "ssh-rsa",
  "ssh-dss",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
]);

/** An OpenSSH key blob starts with the length and the name of its own type. */
function isPublicKey(line: string): boolean {
  const words = line.split(/\s+/);
  const at = words.findIndex((word) => keyTypes.has(word));
  const type = words[at];
  const blob = Buffer.from(words[at + 1] ?? "", "base64");
  if (type === undefined || blob.length < 4 + type.length) return false;
  return blob.readUInt32BE(0) === type.length && blob.toString("latin1", 4, 4 + type.length) === type;
}

/**
 * Checks percent-encoded authorized keys, one a line, as `ssh-keygen -l` would.
 *
 * @throws ApiError 500 `SSH public key validation error`.
 */
export function checkSshKeys(encoded: string): void {
  const lines = decodeURIComponent(encoded)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (!lines.every(isPublicKey)) throw failure("SSH public key validation error");
}
