/**
 * Words a failed connection as Go's HTTP client does, where the real provider's text is known; else Node's own words.
 */
export function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const words = code === undefined ? undefined : goWords[code];
  if (words === undefined) return error.message;
  return words.startsWith("connect:") ? `dial tcp ${address ?? "?"}:${port ?? "?"}: ${words}` : words;
}

const untrusted = "tls: failed to verify certificate: x509: certificate signed by unknown authority";

const goWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  ECONNRESET: "EOF",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
};
