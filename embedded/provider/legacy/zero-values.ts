import { Decimal, isList, isObject, isUnknown, type Value, type ValueObject } from "../wire/value.ts";
import type { Field, Fields } from "./field.ts";

/**
 * The value as the legacy SDK hands it to a provider's code: null and unknown values become "", 0, false or [],
 * in nested objects too. With `withDefaults` a missing value becomes its default instead.
 */
export function zeroed(field: Field, value: Value | undefined, withDefaults = false): Value {
  const isMissing = value === undefined || value === null || isUnknown(value);
  if (field.kind === "list") {
    return isList(value) ? value.map((item) => zeroedElement(field.element, item, withDefaults)) : [];
  }
  if (!isMissing) return value instanceof Decimal ? Number(value.text) : value;
  if (withDefaults && value !== undefined && !isUnknown(value) && field.default !== undefined) {
    return field.default;
  }
  return zeroOf(field.kind);
}

/** An object with every field zeroed. */
export function zeroedObject(fields: Fields, value: Value | undefined, withDefaults = false): ValueObject {
  const object = isObject(value) ? value : {};
  return Object.fromEntries(
    [...fields.fields].map(([name, field]) => [name, zeroed(field, object[name] ?? null, withDefaults)]),
  );
}

/** The zero value of a kind of single value. */
export function zeroOf(kind: "string" | "number" | "bool"): string | number | boolean {
  if (kind === "string") return "";
  return kind === "number" ? 0 : false;
}

// An object in a list in which nothing is set stays as it is: the SDK takes it for nothing at all.
function zeroedElement(element: Field | Fields, value: Value, withDefaults: boolean): Value {
  if (element.kind !== "object") return zeroed(element, value, withDefaults);
  const object = isObject(value) ? value : {};
  const names = [...element.fields.keys()];
  const isNothing = names.every((name) => (object[name] ?? null) === null) && !withDefaults;
  if (isNothing) return Object.fromEntries(names.map((name) => [name, null]));
  return zeroedObject(element, object, withDefaults);
}
