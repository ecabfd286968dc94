import { isList, type ValueObject } from "../wire/value.ts";
import type { Fields } from "./field.ts";
import { zeroed } from "./zero-values.ts";

/** A state as the SDK sees it: it reads it through its own types, which fills blocks with zero values. */
export function filledState(fields: Fields, state: ValueObject): ValueObject {
  const entries = [...fields.fields].map(([name, field]) => {
    const value = state[name] ?? null;
    return [name, field.kind === "list" && isList(value) ? zeroed(field, value) : value];
  });
  return Object.fromEntries(entries);
}
