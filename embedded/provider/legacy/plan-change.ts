import type { Path } from "../wire/diagnostic.ts";
import { isList, isObject, isSame, unknown, type Value, type ValueObject } from "../wire/value.ts";
import type { Field, Fields } from "./field.ts";
import { filledState } from "./filled-state.ts";
import { isEquivalent } from "./is-equivalent.ts";
import { normalizeObject } from "./normalize-nulls.ts";
import { type PlanNotes, planFields } from "./plan-fields.ts";
import { setUnknowns } from "./set-unknowns.ts";
import { zeroed } from "./zero-values.ts";

/** A planned change of one resource. */
export interface PlannedChange {
  readonly planned: ValueObject;
  readonly replaces: readonly Path[];
}

/** The change as planned so far, for rules that look at the resource as a whole. */
export interface DraftChange {
  readonly id: string;
  /** Whether a top-level value differs from the state, null and zero being the same. */
  readonly hasChanged: (key: string) => boolean;
  readonly before: (key: string) => Value;
  readonly after: (key: string) => Value;
  /** Marks a value as known after apply. */
  readonly setUnknown: (key: string) => void;
  /** Replaces the resource because of this value. */
  readonly replaceFor: (path: Path) => void;
}

interface ChangeRequest {
  readonly fields: Fields;
  readonly prior: ValueObject | undefined;
  readonly proposed: ValueObject;
  /** The resource's own rules, in the order in which they run. */
  readonly customize: readonly ((draft: DraftChange) => void)[];
}

/**
 * Plans the creation or change of one resource in the legacy type system.
 * Public source: terraform-plugin-sdk v2.40, PlanResourceChange.
 */
export function planChange({ fields, prior, proposed, customize }: ChangeRequest): PlannedChange {
  const exists = prior !== undefined;
  const notes: PlanNotes = {
    exists,
    resource: { after: (key) => proposed[key] ?? fieldDefault(fields, key) },
    replaces: [],
    changes: 0,
  };
  const before = prior === undefined ? undefined : filledState(fields, prior);
  const draft: Record<string, Value> = { ...planFields(fields, before, proposed, [], notes) };
  runRules({ fields, prior: before, proposed, draft, notes }, customize);
  if (exists && notes.changes === 0) return { planned: prior, replaces: [] };

  draft["id"] = exists && prior["id"] !== "" ? (prior["id"] ?? unknown) : unknown;
  const planned = normalizeObject(fields, draft, proposed, false);
  if (!exists) return { planned: setUnknowns(fields, planned), replaces: [] };
  if (isEquivalent(prior, planned)) return { planned: prior, replaces: [] };
  return { planned, replaces: notes.replaces.length > 0 ? [...notes.replaces, ["id"]] : [] };
}

interface Draft {
  readonly fields: Fields;
  readonly prior: ValueObject | undefined;
  readonly proposed: ValueObject;
  readonly draft: Record<string, Value>;
  readonly notes: PlanNotes;
}

function runRules(planned: Draft, rules: readonly ((draft: DraftChange) => void)[]): void {
  const { prior, draft, notes } = planned;
  const before = (key: string): Value => zeroOf(planned, key, prior?.[key] ?? null);
  const after = (key: string): Value => newestValue(planned, key);
  const view: DraftChange = {
    id: String(prior?.["id"] ?? ""),
    before,
    after,
    hasChanged: (key) => !isSame(before(key), after(key)),
    setUnknown: (key) => {
      draft[key] = unknown;
      notes.changes += 1;
    },
    replaceFor: (path) => {
      notes.replaces.push(path);
    },
  };
  for (const rule of rules) rule(view);
}

// A change that is kept out of the plan is seen here all the same: the configuration is newer than the state.
function newestValue(planned: Draft, key: string): Value {
  const { fields, prior, proposed, draft } = planned;
  const field = fields.fields.get(key);
  const [old, next] = [prior?.[key] ?? null, draft[key] ?? null];
  const isPlanned = !isSame(next, old);
  if (field === undefined || isPlanned) return zeroOf(planned, key, next);
  return zeroOf(planned, key, configuredOverState(field, old, proposed[key] ?? null));
}

function configuredOverState(field: Field, state: Value, config: Value): Value {
  if (field.kind !== "list") return config ?? field.default ?? state;
  if (!isList(config) || (field.isBlock && config.length === 0)) return state;
  const { element } = field;
  if (element.kind !== "object") return config;
  return config.map((item, index) => {
    const [inner, old] = [asObject(item), asObject(isList(state) ? state[index] : undefined)];
    const entries = [...element.fields].map(([name, one]) => [
      name,
      configuredOverState(one, old[name] ?? null, inner[name] ?? null),
    ]);
    return Object.fromEntries(entries);
  });
}

function asObject(value: Value | undefined): ValueObject {
  return isObject(value) ? value : {};
}

function zeroOf({ fields }: Draft, key: string, value: Value): Value {
  const field = fields.fields.get(key);
  return field === undefined ? null : zeroed(field, value);
}

function fieldDefault(fields: Fields, key: string): Value {
  const field = fields.fields.get(key);
  return field === undefined || field.kind === "list" ? null : (field.default ?? null);
}
