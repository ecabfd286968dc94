/** A request that its connection failed. */
export class ConnectionFailure extends Error {
  override readonly name = "ConnectionFailure";
  /** Whether the connection had carried another request before. */
  readonly isReused: boolean;
  /** `127.0.0.1:40000->127.0.0.1:8006`; undefined when there was no connection yet. */
  readonly ends: string | undefined;

  constructor(cause: Error, isReused: boolean, ends: string | undefined) {
    super(cause.message, { cause });
    this.isReused = isReused;
    this.ends = ends;
  }
}

/**
 * Words a failed connection as Go's HTTP client does, where the real provider's text is known; else Node's own words.
 */
export function describeNetworkError(error: unknown): string {
  if (error instanceof ConnectionFailure) return describe(error.cause, error.ends);
  return describe(error, undefined);
}

function describe(error: unknown, ends: string | undefined): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address, port }: SystemError = error;
  const isBroken = (syscall === "read" || syscall === "write") && ends !== undefined;
  const broken = code === undefined || !isBroken ? undefined : brokenWords[code];
  if (broken !== undefined) return `${syscall} tcp ${ends}: ${syscall}: ${broken}`;
  const words = code === undefined ? undefined : goWords[code];
  if (words === undefined) return error.message;
  return words.startsWith("connect:") ? `dial tcp ${address ?? "?"}:${port ?? "?"}: ${words}` : words;
}

type SystemError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };

/** Whether the server's certificate is why there is no connection. */
export function isCertificateError(error: unknown): boolean {
  const { code }: SystemError =
    error instanceof ConnectionFailure ? (error.cause as Error) : (error as Error);
  return code === "ERR_TLS_CERT_ALTNAME_INVALID" || goWords[code ?? ""] === untrusted;
}

const untrusted = "tls: failed to verify certificate: x509: certificate signed by unknown authority";

/** What befalls a connection that stands. */
const brokenWords: Readonly<Record<string, string>> = {
  ECONNRESET: "connection reset by peer",
  EPIPE: "broken pipe",
  ETIMEDOUT: "connection timed out",
};

const goWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  // Node's code for a connection that ends without an answer, too.
  ECONNRESET: "EOF",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
};
