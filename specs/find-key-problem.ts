/** Smallest RSA key that is accepted, in bits. */
const minRsaBits = 2048;

interface KeyKind {
  /** The fields of the key after its type, in the order of the wire format (RFC 4253, OpenSSH PROTOCOL.u2f). */
  readonly fields: number;
  /** Says what is wrong with the fields; undefined if nothing is. */
  readonly check: (fields: readonly Buffer[]) => string | undefined;
}

const hasLength = (expected: number) => (fields: readonly Buffer[]) =>
  fields[0]?.length === expected ? undefined : "is damaged (expected a complete key)";

const isOnCurve = (curve: string, pointBytes: number) => (fields: readonly Buffer[]) =>
  fields[0]?.toString() === curve && fields[1]?.length === pointBytes
    ? undefined
    : "is damaged (expected a complete key)";

const kinds: Readonly<Record<string, KeyKind>> = {
  "ssh-ed25519": { fields: 1, check: hasLength(32) },
  "ssh-rsa": { fields: 2, check: checkRsa },
  "ecdsa-sha2-nistp256": { fields: 2, check: isOnCurve("nistp256", 65) },
  "ecdsa-sha2-nistp384": { fields: 2, check: isOnCurve("nistp384", 97) },
  "ecdsa-sha2-nistp521": { fields: 2, check: isOnCurve("nistp521", 133) },
  "sk-ssh-ed25519@openssh.com": { fields: 2, check: hasLength(32) },
  "sk-ecdsa-sha2-nistp256@openssh.com": { fields: 3, check: isOnCurve("nistp256", 65) },
};

/**
 * Says in one sentence why a line cannot serve as a machine's public key; undefined if it can. A sentence never repeats the
 * line: it may be a private key.
 */
export function findKeyProblem(line: string): string | undefined {
  if (line.includes("PRIVATE KEY"))
    return "is a private key (expected a public one); treat it as leaked and make a new one";
  if (/[\r\n]/.test(line.trim())) return "has several lines (expected one key)";
  const [type = "", data = ""] = line.trim().split(/\s+/);
  if (type.includes("-cert-v01@")) return "is a certificate (expected the plain public key)";
  const kind = kinds[type];
  if (kind === undefined)
    return `is of no accepted kind (expected a line that starts with ${Object.keys(kinds).join(", ")})`;
  const fields = readFields(data);
  if (fields === undefined) return "is damaged (expected a complete key)";
  const [inner, ...rest] = fields;
  if (inner?.toString() !== type || rest.length !== kind.fields)
    return "is damaged (expected a complete key)";
  return kind.check(rest);
}

function checkRsa(fields: readonly Buffer[]): string | undefined {
  const modulus = fields[1]?.toString("hex").replace(/^(00)+/, "") ?? "";
  const bits =
    modulus === "" ? 0 : modulus.length * 4 - Math.clz32(Number.parseInt(modulus.slice(0, 2), 16)) + 24;
  return bits >= minRsaBits
    ? undefined
    : `is too weak (expected RSA of at least ${minRsaBits} bits, got ${bits})`;
}

/** The length-prefixed fields of a key's base64 part; undefined if it does not consist of such fields. */
function readFields(data: string): Buffer[] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return undefined;
  const bytes = Buffer.from(data, "base64");
  const fields: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) return undefined;
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return fields;
}
