import { createHash } from "node:crypto";

/** An SSH host key as known_hosts has it: type and base64, one blank between them. */
export type HostKey = string;

/** Finds the host key in a line of a public key file or of known_hosts; undefined if there is none. */
export function findHostKey(line: string): HostKey | undefined {
  const found = /(?:^|\s)((?:ssh|ecdsa)-[a-z0-9@.-]+) (AAAA[A-Za-z0-9+/]+=*)/.exec(line);
  return found === null ? undefined : `${found[1]} ${found[2]}`;
}

/** The bytes that a server shows. */
export function hostKeyBlob(key: HostKey): Buffer {
  return Buffer.from(key.split(" ")[1] ?? "", "base64");
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The signature algorithms with which a server proves that it has this key. */
export function hostKeyAlgorithms(key: HostKey): readonly string[] {
  const type = key.split(" ")[0] ?? "";
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}
