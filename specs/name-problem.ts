const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;
const maxLabel = 63;
const maxName = 253;

/** Says in one sentence why a text is no DNS name; undefined if it is one. */
export function findNameProblem(name: string): string | undefined {
  const wrong = name.split(".").find((part) => !label.test(part));
  if (wrong !== undefined) {
    return `"${name}" is no DNS name (expected letters, digits and inner hyphens in each part)`;
  }
  const long = name.split(".").find((part) => part.length > maxLabel);
  if (long !== undefined) {
    return `"${name}" is too long (expected parts of at most ${maxLabel} characters, got ${long.length})`;
  }
  return findLengthProblem(name);
}

/** Says in one sentence that a name, its domain included, is too long for DNS; undefined if it is not. */
export function findLengthProblem(name: string): string | undefined {
  if (name.length <= maxName) return undefined;
  return `"${name}" is too long (expected at most ${maxName} characters with its domain, got ${name.length})`;
}
