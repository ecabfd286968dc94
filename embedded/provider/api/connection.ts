import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { rootCertificates, type SecureVersion } from "node:tls";

/** Where the API is and how to get there. */
export interface Connection {
  /** `https://host:port`, without a path. */
  readonly endpoint: string;
  readonly agent: Agent;
}

const tlsVersions: Readonly<Record<string, SecureVersion>> = {
  "": "TLSv1.3",
  "1.3": "TLSv1.3",
  "1.2": "TLSv1.2",
  "1.1": "TLSv1.1",
  "1.0": "TLSv1",
};

/**
 * Opens no connection yet, but checks what is needed for one; throws with the real provider's texts.
 * Trusted are Node's own roots and those of the PEM file that SSL_CERT_FILE names.
 */
export function createConnection(endpoint: string, isInsecure: boolean, minTls: string): Connection {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined) throw new Error(endpointProblem("valid"));
  if (url.protocol !== "https:") throw new Error(endpointProblem("secure"));
  const minVersion = tlsVersions[minTls.trim()];
  if (minVersion === undefined) {
    throw new Error(`unsupported minimal TLS version ${minTls}, must be one of: , 1.0, 1.1, 1.2, 1.3`);
  }
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    minVersion,
    rejectUnauthorized: !isInsecure,
    ca: trustedRoots(process.env["SSL_CERT_FILE"]),
  });
  return { endpoint: `https://${url.host}`, agent };
}

function endpointProblem(quality: string): string {
  return `you must specify a ${quality} endpoint for the Proxmox Virtual Environment API (valid: https://host:port/)`;
}

function trustedRoots(file: string | undefined): string[] {
  return file === undefined || file === ""
    ? [...rootCertificates]
    : [...rootCertificates, readFileSync(file, "utf8")];
}
