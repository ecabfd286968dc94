import { isList, isObject, isUnknown, type Value, type ValueObject } from "../wire/value.ts";
import type { Field, Fields } from "./field.ts";

/**
 * Gives back what the legacy SDK loses between null, "" and []: where `value` says no more than `reference`,
 * the reference wins. `isApply` prefers the planned emptiness, otherwise unknown values come back.
 * Public source: terraform-plugin-sdk v2.40, normalizeNullValues.
 */
export function normalizeObject(
  fields: Fields,
  value: ValueObject,
  reference: Value,
  isApply: boolean,
): ValueObject {
  if (!isObject(reference)) return value;
  return Object.fromEntries(
    [...fields.fields].map(([name, field]) => [
      name,
      normalizeField(field, value[name] ?? null, reference[name] ?? null, isApply),
    ]),
  );
}

function normalizeField(field: Field, value: Value, reference: Value, isApply: boolean): Value {
  if (isUnknown(reference)) return value === null && !isApply ? reference : value;
  if (field.kind === "list" && field.isSet && isApply && isList(reference) && !hasUnknown(reference)) {
    return reference;
  }
  if (field.kind === "list") return normalizeList(field.element, value, reference, isApply);
  return value === null && reference === "" ? reference : value;
}

function normalizeList(element: Field | Fields, value: Value, reference: Value, isApply: boolean): Value {
  if (isApply && isEmpty(value) && reference === null) return reference;
  if (isApply && value === null && isEmpty(reference)) return reference;
  if (!isList(reference) || isUnknown(value)) return value;
  if (value === null) return !isApply && reference.every((item) => isUnknown(item)) ? reference : value;
  if (!isList(value) || value.length !== reference.length) return value;
  return value.map((item, index) => normalizeElement(element, item, reference[index] ?? null, isApply));
}

function normalizeElement(element: Field | Fields, value: Value, reference: Value, isApply: boolean): Value {
  if (element.kind !== "object") return normalizeField(element, value, reference, isApply);
  return isObject(value) ? normalizeObject(element, value, reference, isApply) : value;
}

function hasUnknown(value: Value): boolean {
  if (isList(value)) return value.some(hasUnknown);
  return isObject(value) ? Object.values(value).some(hasUnknown) : isUnknown(value);
}

function isEmpty(value: Value): boolean {
  return isList(value) && value.length === 0;
}
