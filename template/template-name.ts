/** The parts of a template's name. */
interface TemplateName {
  /** Such as "nixos-26.05". */
  readonly base: string;
  readonly version: number;
}

/** Reads a name such as "nixos-26.05-v3"; undefined for one that counts no versions. */
export function parseTemplateName(name: string): TemplateName | undefined {
  const [, base, digits] = /^([a-z0-9][a-z0-9.-]*)-v([1-9]\d{0,5})$/.exec(name) ?? [];
  return base === undefined ? undefined : { base, version: Number(digits) };
}

/** The name of the next version: one more than the highest among `names`, 1 without any. */
export function nextTemplateName(base: string, names: readonly string[]): string {
  const versions = names.map(parseTemplateName).filter((name) => name?.base === base);
  const highest = Math.max(0, ...versions.map((name) => name?.version ?? 0));
  return `${base}-v${highest + 1}`;
}
