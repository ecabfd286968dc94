import type { PlannedChange } from "./show.ts";

export interface ChangedAttributes {
  /** Paths whose new value is known, such as "memory[0].dedicated"; never their values, which may be secrets. */
  readonly known: readonly string[];
  /** Paths whose new value is known after the apply only. */
  readonly unknown: readonly string[];
}

/** Names the attributes that an update or a replacement changes, in the order of the resource's schema. */
export function changedAttributes({
  before,
  after,
  after_unknown,
}: PlannedChange["change"]): ChangedAttributes {
  const known: string[] = [];
  const unknown: string[] = [];
  compare("", before ?? null, after ?? null, after_unknown ?? false);
  return { known, unknown };

  function compare(path: string, old: unknown, planned: unknown, isUnknown: unknown): void {
    if (isUnknown === true) return void unknown.push(path);
    if (!isContainer(old) || !isContainer(planned) || Array.isArray(old) !== Array.isArray(planned)) {
      if (!isSame(old, planned)) known.push(path);
      return;
    }
    for (const key of keysOf(old, planned, isUnknown)) {
      const place = Array.isArray(old) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      compare(place, at(old, key), at(planned, key), at(isUnknown, key));
    }
  }
}

type Container = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function keysOf(...values: readonly unknown[]): Set<string> {
  return new Set(values.filter(isContainer).flatMap(Object.keys));
}

function at(value: unknown, key: string): unknown {
  return isContainer(value) ? (value[key] ?? null) : null;
}

/** Providers on the older SDK write "", 0, false and empty blocks where the plan says null. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right) || (isEmpty(left) && isEmpty(right));
}

function isEmpty(value: unknown): boolean {
  return !value || (isContainer(value) && Object.values(value).every(isEmpty));
}
