import type { Diagnostic, Path } from "../wire/diagnostic.ts";
import type { Value, ValueObject } from "../wire/value.ts";

/** Where a checked value stands. */
export interface CheckedPlace {
  readonly path: Path;
  /** The path as messages name it. */
  readonly name: string;
  readonly config: ValueObject;
}

/** A check of one configured value, which is neither null nor unknown. */
export type AttributeCheck = (value: Value, place: CheckedPlace) => readonly Diagnostic[];

/** What planning does to one attribute, in the order in which the real provider names it. */
export type PlanStep = "keep state" | "replace";

/** What a saved schema does not say about an attribute of the newer framework. */
export interface AttributeRule {
  /** Used where the configuration is silent. */
  readonly default?: string | number | boolean;
  /** "keep state": stays as it was instead of becoming unknown. "replace": a change replaces the resource. */
  readonly planned?: readonly PlanStep[];
  readonly checks?: readonly AttributeCheck[];
}

/** Rules by dotted path, for example "map.comment". */
export type AttributeRules = Readonly<Record<string, AttributeRule>>;

/** What the server names: it stays the same as long as the resource lives. */
export const resourceId: AttributeRule = { planned: ["keep state"] };

/** A change makes another resource. */
export const identifying: AttributeRule = { planned: ["replace"] };

/** The server chooses where the configuration is silent. */
export const chosenByServer: AttributeRule = { planned: ["keep state"] };
