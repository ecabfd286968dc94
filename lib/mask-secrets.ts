const secretName =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PRIVATE_KEY|ACCESS_KEY|API_KEY|CREDENTIAL|CONN_STR/i;

/** Shorter values are words such as "true" that occur everywhere; masking them would hide nothing and garble the text. */
const smallestSecretLength = 8;

const mask = "***";

/**
 * Replaces every secret in a text by `***`: the values of environment variables whose name says that they are
 * secret (tokens, passwords, keys, connection strings), API tokens of Proxmox VE and passwords inside URLs.
 * The name of a token (`user@realm!id`) stays readable.
 */
export function maskSecrets(text: string, env: Readonly<NodeJS.ProcessEnv> = process.env): string {
  return maskValues(text, secretValues(env));
}

/** The same for every string inside a value of JSON. */
export function maskSecretsIn<T>(value: T, env: Readonly<NodeJS.ProcessEnv> = process.env): T {
  const secrets = secretValues(env);
  const maskPart = (part: unknown): unknown => {
    if (typeof part === "string") return maskValues(part, secrets);
    if (Array.isArray(part)) return part.map(maskPart);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, maskPart(inner)]));
  };
  return maskPart(value) as T;
}

function maskValues(text: string, secrets: readonly string[]): string {
  return (
    secrets
      .reduce((rest, secret) => rest.replaceAll(secret, mask), text)
      // Begins at the realm, not at the user's name: a long word would be searched again from each of its letters.
      .replace(/(@[^\s=!@]{1,200}![^\s=]{1,200}=)[0-9a-f]{8}-[0-9a-f-]{27}/gi, `$1${mask}`)
      .replace(/(:\/\/[^\s:/@]*:)[^\s@/]+@/g, `$1${mask}@`)
  );
}

/** Longest first, so that a secret which contains another one disappears whole. */
function secretValues(env: Readonly<NodeJS.ProcessEnv>): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    secretName.test(name) && value !== undefined ? writtenForms(value) : [],
  );
  return values
    .filter((value) => value.length >= smallestSecretLength)
    .sort((left, right) => right.length - left.length);
}

/** The forms in which a value shows up in texts: as it is, line by line, percent-encoded, and a token's secret half alone. */
function writtenForms(value: string): string[] {
  const tokenSecret = /^\S+@\S+!\S+=(\S+)$/.exec(value)?.[1];
  const plain = [value, ...value.split("\n"), ...(tokenSecret === undefined ? [] : [tokenSecret])];
  return [...plain, ...plain.map((form) => encodeURIComponent(form.toWellFormed()))];
}
