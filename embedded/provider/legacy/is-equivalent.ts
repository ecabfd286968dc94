import { isList, isObject, isSame, isUnknown, type Value } from "../wire/value.ts";

/** Whether two values differ in nothing but null against "", 0, false or nothing at all. */
export function isEquivalent(left: Value, right: Value): boolean {
  if (isZero(left) && isZero(right)) return true;
  if (isZero(left) !== isZero(right)) return false;
  if (isUnknown(left) || isUnknown(right)) return isUnknown(left) && isUnknown(right);
  if (isList(left) && isList(right)) {
    return (
      left.length === right.length && left.every((item, index) => isEquivalent(item, right[index] ?? null))
    );
  }
  if (isObject(left) && isObject(right)) {
    return Object.keys(left).every((key) => isEquivalent(left[key] ?? null, right[key] ?? null));
  }
  return isSame(left, right);
}

function isZero(value: Value): boolean {
  if (isList(value)) return value.length === 0;
  return value === null || value === "" || value === 0 || value === false;
}
