import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

/** What an HTTPS server needs, and what a client needs to trust it. */
export interface ServerCertificate {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** SHA-256 fingerprint of the server's certificate, in hex pairs with colons. */
  readonly fingerprint: string;
}

const dayMs = 86_400_000;
const validDays = 30;

/** Is a certificate good for another day? */
export function isLasting({ certPem }: ServerCertificate): boolean {
  return new X509Certificate(certPem).validToDate.getTime() > Date.now() + dayMs;
}

/** Makes a certificate authority for one run and a certificate for localhost under it; both live for 30 days. */
export async function createCertificate(): Promise<ServerCertificate> {
  const notBeforeDate = new Date(Date.now() - dayMs);
  const notAfterDate = new Date(Date.now() + validDays * dayMs);
  const common = { keyType: "ec", curve: "P-256", algorithm: "sha256", notBeforeDate, notAfterDate } as const;
  const ca = await generate([{ name: "commonName", value: "nixherd embedded Proxmox VE" }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...common,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "keyUsage", digitalSignature: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  const fingerprint = new X509Certificate(server.cert).fingerprint256;
  return { caPem: ca.cert, certPem: server.cert, keyPem: server.private, fingerprint };
}
