import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { createSecureContext, rootCertificates, type SecureContext, type SecureVersion } from "node:tls";

/** Where the API is and how to get there. */
export interface Connection {
  /** `https://host:port`, without a path. */
  readonly endpoint: string;
  readonly agent: Agent;
}

/** How many connections there are at the same time. */
export const maxConnections = 16;

/** The TLS versions that users may ask for. */
export const tlsVersions: Readonly<Record<string, SecureVersion>> = {
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
    maxSockets: maxConnections,
    rejectUnauthorized: !isInsecure,
    secureContext: secureContext(minVersion, isInsecure ? undefined : process.env["SSL_CERT_FILE"]),
  });
  return { endpoint: `https://${url.host}`, agent };
}

function endpointProblem(quality: string): string {
  return `you must specify a ${quality} endpoint for the Proxmox Virtual Environment API (valid: https://host:port/)`;
}

interface Trust {
  readonly pem: string | undefined;
  readonly context: SecureContext;
}

/** One for each TLS version. */
const lastTrust = new Map<SecureVersion, Trust>();

// Every context holds a megabyte of parsed roots outside the heap, and Node would make one for each connection.
function secureContext(minVersion: SecureVersion, file: string | undefined): SecureContext {
  const pem = file === undefined || file === "" ? undefined : readFileSync(file, "utf8");
  const last = lastTrust.get(minVersion);
  if (last !== undefined && last.pem === pem) return last.context;
  const context = createSecureContext({
    minVersion,
    ...(pem === undefined ? {} : { ca: [...rootCertificates, pem] }),
  });
  lastTrust.set(minVersion, { pem, context });
  return context;
}
