import { isList, isObject, isSame, isUnknown, type Value, type ValueObject } from "../wire/value.ts";
import type { Field, Fields } from "./field.ts";
import { filledState } from "./filled-state.ts";
import { type Section, section } from "./section.ts";
import { zeroed, zeroedObject } from "./zero-values.ts";

/** A resource while it is created, read, changed or deleted: what was, what is planned, what the server says. */
export interface ResourceData {
  /** The id; "" while the resource does not exist. Set to "" it vanishes from the state. */
  id: string;
  /** Whether the resource is being created. */
  readonly isNew: boolean;
  /** The newest values, with zero values in place of null and unknown. */
  readonly now: Section;
  /** The values of the state before this change, zeroed. */
  readonly before: Section;
  /** Whether a top-level attribute or block differs from the state before. */
  readonly hasChanged: (key: string) => boolean;
  /** Whether a value is known and not null: at the top, or at `key.0.inner`. */
  readonly isSet: (key: string, inner?: string) => boolean;
  /** Records what the server says; null is the zero value. */
  readonly set: (key: string, value: Value) => void;
  /** The new state, or undefined when the resource is gone. */
  readonly state: () => ValueObject | undefined;
}

interface ResourceValues {
  readonly prior: ValueObject | undefined;
  readonly planned: ValueObject;
  readonly config?: ValueObject | undefined;
  readonly isNew: boolean;
}

/** Wraps a resource's values for the code that talks to the server. */
export function createResourceData(fields: Fields, values: ResourceValues): ResourceData {
  const prior = values.prior === undefined ? {} : filledState(fields, values.prior);
  const effective = withoutLostValues(fields, prior, values.planned);
  const before = zeroedObject(fields, prior);
  const planned = zeroedObject(fields, asWritten(fields, { ...values, planned: effective }));
  const written = new Map<string, Value>();
  const id = values.prior?.["id"];
  const data: ResourceData = {
    id: typeof id === "string" ? id : "",
    isNew: values.isNew,
    now: section((key) => written.get(key) ?? planned[key]),
    before: section((key) => before[key]),
    hasChanged: (key) => !isSame(before[key] ?? null, planned[key] ?? null),
    isSet: (key, inner) => isKnown(valueAt(values.planned, key, inner)) || written.has(key),
    set: (key, value) => {
      const field = fields.fields.get(key);
      if (field === undefined) throw new TypeError(`the schema has no ${key}`);
      written.set(key, zeroed(field, value));
    },
    state: () => (data.id === "" ? undefined : newState(fields, effective, written, data.id)),
  };
  return data;
}

// The SDK knows a plan only as differences from the state's texts, in which "", [] and absent are the same.
function withoutLostValues(fields: Fields, prior: ValueObject, planned: ValueObject): ValueObject {
  const entries = [...fields.fields].map(([name, field]) => [
    name,
    withoutLostValue(field, prior[name] ?? null, planned[name] ?? null),
  ]);
  return Object.fromEntries(entries);
}

function withoutLostValue(field: Field, prior: Value, planned: Value): Value {
  if (prior === null && (planned === "" || (isList(planned) && planned.length === 0))) return null;
  if (field.kind !== "list" || !isList(planned) || field.element.kind !== "object") return planned;
  const { element } = field;
  return planned.map((item, index) => {
    const old = isList(prior) ? prior[index] : undefined;
    return isObject(item) ? withoutLostValues(element, isObject(old) ? old : {}, item) : item;
  });
}

// A field with `normalize` is sent as the user wrote it and stored in its normal form.
function asWritten(fields: Fields, values: ResourceValues): ValueObject {
  const original = [...fields.fields]
    .filter(([name, field]) => field.normalize !== undefined && isKnown(values.config?.[name]))
    .map(([name]) => [name, values.config?.[name] ?? null]);
  return { ...values.planned, ...Object.fromEntries(original) };
}

function newState(
  fields: Fields,
  planned: ValueObject,
  written: ReadonlyMap<string, Value>,
  id: string,
): ValueObject {
  const entries = [...fields.fields].map(([name, field]) => {
    if (written.has(name)) return [name, written.get(name) ?? null];
    const value = planned[name] ?? null;
    return [name, isKnown(value) ? zeroed(field, value) : null];
  });
  return { ...Object.fromEntries(entries), id };
}

function valueAt(values: ValueObject, key: string, inner: string | undefined): Value | undefined {
  const value = values[key];
  if (inner === undefined) return value;
  const first = isList(value) ? (value[0] as ValueObject | undefined) : undefined;
  return first?.[inner];
}

function isKnown(value: Value | undefined): boolean {
  return value !== undefined && value !== null && !isUnknown(value);
}
