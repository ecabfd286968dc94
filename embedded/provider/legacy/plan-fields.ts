import type { Path } from "../wire/diagnostic.ts";
import {
  Decimal,
  isList,
  isObject,
  isSame,
  isUnknown,
  unknown,
  type Value,
  type ValueObject,
} from "../wire/value.ts";
import type { ChangedResource, Field, Fields, ListField, PrimitiveField } from "./field.ts";
import { zeroed, zeroOf } from "./zero-values.ts";

/** What planning has found out so far. */
export interface PlanNotes {
  /** Whether the resource exists already; a new one gets unknown values for what it computes. */
  readonly exists: boolean;
  readonly resource: ChangedResource;
  /** Paths whose change replaces the resource. */
  readonly replaces: Path[];
  /** How many attributes change. */
  changes: number;
}

/**
 * Plans every field as the legacy SDK does: configuration, else default, else the old value of what is computed.
 * Public source: terraform-plugin-sdk v2.40, schemaMap.diff.
 */
export function planFields(
  fields: Fields,
  prior: Value | undefined,
  proposed: Value | undefined,
  path: Path,
  notes: PlanNotes,
): ValueObject {
  const before = isObject(prior) ? prior : {};
  const after = isObject(proposed) ? proposed : {};
  return Object.fromEntries(
    [...fields.fields].map(([name, field]) => [
      name,
      planField(field, before[name] ?? null, after[name] ?? null, [...path, name], notes),
    ]),
  );
}

function planField(field: Field, prior: Value, proposed: Value, path: Path, notes: PlanNotes): Value {
  const own: PlanNotes = { ...notes, replaces: [], changes: 0 };
  const planned =
    field.kind === "list"
      ? planList(field, prior, proposed, path, own)
      : planPrimitive(field, prior, proposed, path, own);
  if (own.changes === 0) return planned;
  if (isIgnored(field, prior, proposed, notes)) return keepPrior(field, prior);
  notes.changes += own.changes;
  notes.replaces.push(...own.replaces);
  return planned;
}

function isIgnored(field: Field, prior: Value, proposed: Value, notes: PlanNotes): boolean {
  if (field.kind !== "list") {
    const after = isUnknown(proposed) ? "unknown" : asText(configured(field, proposed));
    return field.ignoresChange?.(asText(prior), after, notes.resource) ?? false;
  }
  if (field.ignoresListChange === undefined || isUnknown(proposed)) return false;
  const before = zeroed(field, prior) as readonly Value[];
  const after = isConfigured(field, proposed) ? (zeroed(field, proposed, true) as readonly Value[]) : before;
  return field.ignoresListChange(before, after);
}

function planPrimitive(
  field: PrimitiveField,
  prior: Value,
  proposed: Value,
  path: Path,
  notes: PlanNotes,
): Value {
  if (isUnknown(proposed)) return noteChange(proposed, field, path, notes);
  const next = configured(field, proposed);
  const isRemoved = prior !== null && next === null;
  const before = asText(prior);
  const after = asText(isRemoved ? zeroOf(field.kind) : next);
  const keepsPrior =
    (before === after && (before !== "" || notes.exists || !field.isComputed)) ||
    (isRemoved && field.isComputed) ||
    (field.isComputed && before !== "" && after === "");
  if (keepsPrior) return prior;
  if (isRemoved) return noteChange(null, field, path, notes);
  return noteChange(field.isComputed && after === "" ? unknown : next, field, path, notes);
}

function planList(field: ListField, prior: Value, proposed: Value, path: Path, notes: PlanNotes): Value {
  if (isUnknown(proposed)) return noteChange(proposed, field, path, notes);
  const isSet = isConfigured(field, proposed);
  const before = isList(prior) ? prior : [];
  const after = isSet && isList(proposed) ? proposed : [];
  if (prior !== null && !isSet && field.isComputed) return prior;
  if (isSet && isSame(zeroed(field, before), zeroed(field, after, true)) && !hasUnknown(after)) {
    return keepPrior(field, prior);
  }
  if (before.length === 0 && after.length === 0) {
    return field.isComputed ? noteChange(unknown, field, path, notes) : keepPrior(field, prior);
  }
  if (before.length !== after.length) noteChange(null, field, path, notes);
  const planned = planElements(field, before, after, path, notes);
  return notes.changes === 0 ? prior : planned;
}

// Elements that go away are planned too: only their fields tell whether that replaces the resource.
function planElements(
  field: ListField,
  before: readonly Value[],
  after: readonly Value[],
  path: Path,
  notes: PlanNotes,
): readonly Value[] {
  const count = Math.max(before.length, after.length);
  const planned = Array.from({ length: count }, (_, index) => {
    const [old, next] = [before[index] ?? null, after[index] ?? null];
    const at = [...path, index];
    if (field.element.kind === "object") return planFields(field.element, old, next, at, notes);
    const element = field.replaces === true ? { ...field.element, replaces: true } : field.element;
    return planField(element, old, next, at, notes);
  });
  return planned.slice(0, after.length);
}

function noteChange(value: Value, field: Field, path: Path, notes: PlanNotes): Value {
  notes.changes += 1;
  if (field.replaces === true) notes.replaces.push(path);
  return value;
}

function keepPrior(field: Field, prior: Value): Value {
  return prior === null && field.kind === "list" && field.isBlock ? [] : prior;
}

function configured(field: PrimitiveField, proposed: Value): Value {
  const value = proposed ?? field.default ?? null;
  return field.normalize !== undefined && typeof value === "string" ? field.normalize(value) : value;
}

// No blocks means "not configured"; an attribute can be configured as an empty list.
function isConfigured(field: ListField, proposed: Value): boolean {
  return isList(proposed) && !(field.isBlock && proposed.length === 0);
}

function hasUnknown(value: Value): boolean {
  if (isList(value)) return value.some(hasUnknown);
  return isObject(value) ? Object.values(value).some(hasUnknown) : isUnknown(value);
}

// The SDK compares texts, in which an absent value is "", so false and absent differ but "" and absent do not.
function asText(value: Value): string {
  if (value === null || isUnknown(value)) return "";
  if (value instanceof Decimal) return value.text;
  if (typeof value === "boolean") return value ? "true" : "false";
  return String(value);
}
