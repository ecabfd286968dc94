import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { Deadline } from "./deadline.ts";

/**
 * What is wrong with the name in a server's certificate, in Go's words; undefined when nothing is. Go looks at the
 * name before it looks at who signed, Node the other way round: a certificate that Node refused is looked at again,
 * by a connection that sends nothing. Public source: Go 1.26, crypto/x509, HostnameError.
 */
export async function nameProblem(endpoint: string, deadline: Deadline): Promise<string | undefined> {
  const { hostname: host, port } = new URL(endpoint);
  const socket = connect({
    host,
    port: Number(port === "" ? 443 : port),
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  try {
    await once(socket, "secureConnect", { signal: deadline.signal });
    const certificate = socket.getPeerX509Certificate();
    return certificate === undefined ? undefined : problemOf(certificate, host);
  } catch {
    // The server is gone by now: what it was refused for stands.
    return undefined;
  } finally {
    socket.destroy();
  }
}

function problemOf(certificate: X509Certificate, host: string): string | undefined {
  const isAddress = isIP(host) !== 0;
  const names = alternativeNames(certificate, isAddress ? "IP Address" : "DNS");
  const isNamed = isAddress ? certificate.checkIP(host) : certificate.checkHost(host, { subject: "never" });
  if (isNamed !== undefined) return undefined;
  if (certificate.subjectAltName === undefined && commonName(certificate) === host) {
    return "x509: certificate relies on legacy Common Name field, use SANs instead";
  }
  if (names !== "") return `x509: certificate is valid for ${names}, not ${host}`;
  return isAddress
    ? `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`
    : `x509: certificate is not valid for any names, but wanted to match ${host}`;
}

function alternativeNames({ subjectAltName = "" }: X509Certificate, kind: string): string {
  const entries = subjectAltName.split(", ").filter((entry) => entry.startsWith(`${kind}:`));
  return entries.map((entry) => entry.slice(kind.length + 1)).join(", ");
}

function commonName({ subject }: X509Certificate): string | undefined {
  return /^CN=(.*)$/m.exec(subject ?? "")?.[1];
}
