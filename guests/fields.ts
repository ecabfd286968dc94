/** Lines `name=value` as a machine prints them; a name may come more than once. */
export interface Fields {
  /** The first value; undefined if the machine did not tell it, or told "". */
  one(name: string): string | undefined;
  all(name: string): readonly string[];
  /** As a whole number; undefined if it is none. */
  count(name: string): number | undefined;
}

/** Reads name=value lines; every other line is left out. */
export function readFields(text: string): Fields {
  const pairs = text.split("\n").flatMap((line): [string, string][] => {
    const [, name, value] = /^([a-z][a-z0-9-]*)=(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.trim()]];
  });
  const all = (name: string) => pairs.filter(([key]) => key === name).map(([, value]) => value);
  const one = (name: string) => all(name).find((value) => value !== "");
  return {
    one,
    all,
    count(name) {
      const value = one(name);
      return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
    },
  };
}
