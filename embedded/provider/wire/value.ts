/** A value that is known only after apply. Terraform may send a refinement, which is passed through untouched. */
export class Unknown {
  /** The refinement as it came (cty msgpack extension 12), if there was one. */
  readonly refinement: Uint8Array | undefined;

  constructor(refinement?: Uint8Array) {
    this.refinement = refinement;
  }
}

/** The unknown value without a refinement. */
export const unknown = new Unknown();

/** A number that no JavaScript number holds exactly, as decimal text. */
export class Decimal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object of Terraform's type system: it carries every key of its type. */
export interface ValueObject {
  readonly [key: string]: Value;
}

/** A value of Terraform's type system (cty). Sets, tuples and lists are arrays, maps and objects are objects. */
export type Value =
  | null
  | boolean
  | string
  | number
  | Decimal
  | Unknown
  | Uint8Array
  | readonly Value[]
  | ValueObject;

/** Whether the value is known only after apply. */
export function isUnknown(value: Value | undefined): value is Unknown {
  return value instanceof Unknown;
}

/** Whether the value is an array: a list, set or tuple. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether the value is an object or a map. */
export function isObject(value: Value | undefined): value is ValueObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Decimal) &&
    !(value instanceof Uint8Array)
  );
}

/** Whether two values are the same, unknown values being the same as each other. */
export function isSame(left: Value, right: Value): boolean {
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index] ?? null));
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => key in right && isSame(left[key] ?? null, right[key] ?? null))
    );
  }
  if (isUnknown(left) && isUnknown(right)) return true;
  if (left instanceof Decimal && right instanceof Decimal) return left.text === right.text;
  return left === right;
}
