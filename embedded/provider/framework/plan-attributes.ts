import type { AttributeSchema } from "../schema/schema.ts";
import type { Path } from "../wire/diagnostic.ts";
import { isObject, isSame, isUnknown, unknown, type Value, type ValueObject } from "../wire/value.ts";
import type { AttributeRules, PlanStep } from "./attribute-rules.ts";

type Attributes = Readonly<Record<string, AttributeSchema>>;

interface PlanInput {
  readonly attributes: Attributes;
  readonly rules: AttributeRules;
  readonly prior: ValueObject | undefined;
  readonly proposed: ValueObject;
  readonly config: ValueObject;
}

interface PlannedAttributes {
  readonly planned: ValueObject;
  readonly replaces: readonly Path[];
}

/**
 * Plans a resource of the newer framework: defaults first; when anything differs from the state, everything computed
 * that is not configured becomes unknown; then each attribute's own steps.
 * Public source: terraform-plugin-framework 1.19, PlanResourceChange.
 */
export function planAttributes(input: PlanInput): PlannedAttributes {
  const { attributes, rules, prior, proposed, config } = input;
  const withDefaults = mapValues(attributes, proposed, config, "", (at) =>
    at.config === null ? (rules[at.rule]?.default ?? at.value) : at.value,
  );
  const isChanged = prior === undefined || !isSame(withDefaults, prior);
  const marked = isChanged
    ? mapValues(attributes, withDefaults, config, "", (at) => markUnknown(at, rules))
    : withDefaults;
  return prior === undefined
    ? { planned: marked, replaces: [] }
    : takeSteps(attributes, rules, marked, { prior, config, at: "", path: [] });
}

interface Visited {
  readonly rule: string;
  readonly attribute: AttributeSchema;
  readonly value: Value;
  readonly config: Value;
}

function markUnknown({ attribute, rule, config, value }: Visited, rules: AttributeRules): Value {
  const isOpen = config === null && attribute.computed === true && rules[rule]?.default === undefined;
  return isOpen ? unknown : value;
}

/** Visits attributes and those of single nested objects, outer ones first; an object that is not there is left alone. */
function mapValues(
  attributes: Attributes,
  values: ValueObject,
  config: ValueObject,
  at: string,
  visit: (visited: Visited) => Value,
): ValueObject {
  const entries = Object.entries(attributes).map(([key, attribute]) => {
    const configured = config[key] ?? null;
    const rule = at + key;
    const value = visit({ rule, attribute, value: values[key] ?? null, config: configured });
    const inner = attribute.nested_type;
    if (inner?.nesting_mode !== "single" || !isObject(value)) return [key, value] as const;
    return [key, mapValues(inner.attributes, value, asObject(configured), `${rule}.`, visit)] as const;
  });
  return Object.fromEntries(entries);
}

interface StepPlace {
  readonly prior: ValueObject;
  readonly config: ValueObject;
  readonly at: string;
  readonly path: Path;
}

function takeSteps(
  attributes: Attributes,
  rules: AttributeRules,
  values: ValueObject,
  place: StepPlace,
): PlannedAttributes {
  const replaces: Path[] = [];
  const entries = Object.entries(attributes).map(([key, attribute]) => {
    const [before, configured] = [place.prior[key] ?? null, place.config[key] ?? null];
    const at = { before, configured, path: [...place.path, key], replaces };
    const value = takeOwnSteps(rules[place.at + key]?.planned ?? [], values[key] ?? null, at);
    const inner = attribute.nested_type;
    if (inner?.nesting_mode !== "single" || !isObject(value)) return [key, value] as const;
    const nested = takeSteps(inner.attributes, rules, value, {
      prior: asObject(before),
      config: asObject(configured),
      at: `${place.at}${key}.`,
      path: at.path,
    });
    replaces.push(...nested.replaces);
    return [key, nested.planned] as const;
  });
  return { planned: Object.fromEntries(entries), replaces };
}

interface OwnPlace {
  readonly before: Value;
  readonly configured: Value;
  readonly path: Path;
  readonly replaces: Path[];
}

function takeOwnSteps(steps: readonly PlanStep[], planned: Value, at: OwnPlace): Value {
  let value = planned;
  for (const step of steps) {
    if (step === "replace" && !isSame(value, at.before)) at.replaces.push(at.path);
    if (step === "keep state" && isUnknown(value) && !isUnknown(at.configured)) value = at.before;
  }
  return value;
}

function asObject(value: Value): ValueObject {
  return isObject(value) ? value : {};
}
