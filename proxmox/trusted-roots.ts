import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { NixherdError } from "../lib/errors.ts";

/**
 * The CAs that a cluster's certificate may come from: Node's own, the system's (which Terraform and curl trust too)
 * and those in `caFile`.
 * @throws TLS_NOT_TRUSTED when the file cannot be read
 */
export function trustedRoots(caFile: string | undefined): string[] {
  const roots = [...getCACertificates("default"), ...getCACertificates("system")];
  return caFile === undefined ? roots : [...roots, readBundle(caFile)];
}

function readBundle(caFile: string): string {
  try {
    return readFileSync(caFile, "utf8");
  } catch (cause) {
    throw new NixherdError("TLS_NOT_TRUSTED", {
      message: `SSL_CERT_FILE names ${caFile}, which cannot be read.`,
      hint: "Correct the variable, or unset it if the certificate comes from a CA that this system trusts.",
      cause,
    });
  }
}
