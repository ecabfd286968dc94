import type { TLocalizedValidationError } from "typebox/error";
import Value from "typebox/value";
import { badParameters } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import { type FaultName, type FaultRule, faultSchemas } from "./fault-rule.ts";
import { armRules, isInForce } from "./fault-state.ts";

/** Faults as they are asked for. */
export interface FaultRequest {
  /** Equal seeds give equal chances. @default 0 */
  readonly seed: number;
  readonly rules: readonly FaultRule[];
}

/** More rules than this are a mistake; each call is compared with all of them. */
const mostRules = 1000;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with one rule, by JSON pointer below it. */
function problemsOf(rule: unknown): [string, string][] {
  const kind = isObject(rule) ? rule["fault"] : undefined;
  const kinds = Object.keys(faultSchemas);
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    return [["/fault", `must be one of ${kinds.join(", ")}`]];
  }
  return Value.Errors(faultSchemas[kind as FaultName], rule)
    .filter(({ keyword }) => keyword !== "boolean")
    .map((error) => [error.instancePath, textOf(error)]);
}

function textOf({ message, params }: TLocalizedValidationError): string {
  if ("additionalProperties" in params) return `has unknown keys: ${params.additionalProperties.join(", ")}`;
  return "allowedValues" in params ? `must be one of ${params.allowedValues.join(", ")}` : message;
}

/**
 * Reads a request for faults.
 *
 * @throws ApiError 400 with every problem by its JSON pointer.
 */
export function parseFaultRequest(value: unknown): FaultRequest {
  const { seed = 0, rules, ...unknown } = isObject(value) ? value : {};
  const problems: [string, string][] = Object.keys(unknown).map((key) => [`/${key}`, "is not known"]);
  if (!Number.isSafeInteger(seed)) problems.push(["/seed", "must be an integer"]);
  if (!Array.isArray(rules)) problems.push(["/rules", "must be a list of rules"]);
  else if (rules.length > mostRules) problems.push(["/rules", `has more than ${mostRules} rules`]);
  else {
    for (const [index, rule] of rules.entries()) {
      for (const [pointer, text] of problemsOf(rule)) problems.push([`/rules/${index}${pointer}`, text]);
    }
  }
  if (problems.length > 0) throw badParameters(Object.fromEntries(problems));
  return { seed: Number(seed), rules: rules as FaultRule[] };
}

/** Replaces the faults that are asked for. Nodes that were down by a rule come up again. */
export function setFaults(cluster: Cluster, { seed, rules }: FaultRequest): void {
  const { faults, downNodes, clock } = cluster;
  for (const { rule } of faults.rules) if (rule.fault === "node-down") downNodes.delete(rule.node);
  faults.seed = seed;
  faults.rules = armRules(rules, seed, clock.nowMs());
  for (const rule of rules) if (rule.fault === "node-down") downNodes.add(rule.node);
}

/** Ends the rules whose time is over. */
export function expireFaults({ faults, downNodes, clock }: Cluster): void {
  if (faults.rules.length === 0) return;
  const nowMs = clock.nowMs();
  for (const armed of faults.rules) {
    if (armed.rule.fault === "node-down" && !isInForce(armed, nowMs)) downNodes.delete(armed.rule.node);
  }
}

/** The rules with how many events each was about and how many met its fault. */
export function showFaults({ faults, clock }: Cluster): unknown {
  const rules = faults.rules.map((armed) => ({
    ...armed.rule,
    matched: armed.matched,
    applied: armed.applied,
    active: isInForce(armed, clock.nowMs()),
  }));
  return { seed: faults.seed, rules };
}
