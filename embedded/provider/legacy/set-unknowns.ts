import { isList, isObject, unknown, type Value, type ValueObject } from "../wire/value.ts";
import type { Field, Fields } from "./field.ts";

/** Marks what a new resource computes and nothing has set yet as known after apply, in its blocks too. */
export function setUnknowns(fields: Fields, value: ValueObject): ValueObject {
  return Object.fromEntries(
    [...fields.fields].map(([name, field]) => [name, setUnknown(field, value[name] ?? null)]),
  );
}

function setUnknown(field: Field, value: Value): Value {
  if (field.kind === "list" && field.isBlock) {
    const { element } = field;
    if (!isList(value) || element.kind !== "object") return value;
    return value.map((item) => (isObject(item) ? setUnknowns(element, item) : item));
  }
  return value === null && field.isComputed ? unknown : value;
}
