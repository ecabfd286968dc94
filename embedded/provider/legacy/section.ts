import { isList, isObject, type Value } from "../wire/value.ts";

/** Typed access to the zeroed values of a resource, a block or an object. */
export interface Section {
  readonly text: (key: string) => string;
  readonly number: (key: string) => number;
  readonly flag: (key: string) => boolean;
  readonly texts: (key: string) => readonly string[];
  /** The blocks of a list. */
  readonly blocks: (key: string) => readonly Section[];
  /** The first block of a list, if there is one. */
  readonly block: (key: string) => Section | undefined;
  readonly raw: (key: string) => Value;
}

/** Makes a section over a way to look values up. */
export function section(look: (key: string) => Value | undefined): Section {
  const raw = (key: string): Value => look(key) ?? null;
  const list = (key: string): readonly Value[] => {
    const value = raw(key);
    return isList(value) ? value : [];
  };
  const blocks = (key: string): readonly Section[] => list(key).map(objectSection);
  return {
    raw,
    text: (key) => String(raw(key) ?? ""),
    number: (key) => Number(raw(key) ?? 0),
    flag: (key) => raw(key) === true,
    texts: (key) => list(key).map((item) => String(item ?? "")),
    blocks,
    block: (key) => blocks(key)[0],
  };
}

/** Makes a section over an object. */
export function objectSection(value: Value): Section {
  return section((key) => (isObject(value) ? value[key] : undefined));
}
