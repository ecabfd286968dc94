import ssh2, { type AuthContext, type ParsedKey } from "ssh2";

/**
 * Whether a login shows one of the public keys (lines of an authorized_keys file). A key may be offered without a
 * signature first: the answer to that only says which key the client should sign with.
 */
export function acceptsKey(context: AuthContext, lines: readonly string[]): boolean {
  if (context.method !== "publickey") return false;
  const { algo, data } = context.key;
  const type = algo.replace(/^rsa-sha2-(256|512)$/, "ssh-rsa");
  const key = lines.flatMap(parseKey).find((each) => each.type === type && each.getPublicSSH().equals(data));
  if (key === undefined) return false;
  if (context.blob === undefined || context.signature === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}

/** Keys of types that ssh2 cannot check (security keys) are left out: they could never log in here. */
function parseKey(line: string): readonly ParsedKey[] {
  const key = line.trim() === "" ? undefined : ssh2.utils.parseKey(line);
  return key === undefined || key instanceof Error ? [] : [key];
}
