import { ProviderFailure } from "../../failure.ts";
import type { Section } from "../../legacy/section.ts";
import { type Diagnostic, errorDiagnostic } from "../../wire/diagnostic.ts";
import type { ValueObject } from "../../wire/value.ts";
import type { RuleApi } from "./rule-api.ts";
import {
  changedRuleParameters,
  newRuleParameters,
  ruleBlock,
  serverSignature,
  signatureOf,
} from "./rule-values.ts";

/** Makes rules where there are none, the last one first: the server puts each new one in front. */
export async function createRules(api: RuleApi, rules: readonly Section[]): Promise<void> {
  const existing = await api.positions();
  if (existing.length > 0) throw new Error("Existing rules detected. Aborting...");
  await allOf(rules.toReversed(), async (rule) => api.create(newRuleParameters(rule)));
}

/** The blocks for the rules that the server has, in their order. */
export async function readRules(api: RuleApi): Promise<readonly ValueObject[]> {
  const blocks: ValueObject[] = [];
  await allOf(await api.positions(), async (position) => {
    const rule = await named(`error reading rule ${position} `, () => api.get(position));
    if (rule !== undefined) blocks.push(ruleBlock(position, rule));
  });
  return blocks;
}

/**
 * Makes the server's rules those of the configuration: new ones are added, all are moved to their places one by one,
 * kept ones are changed, and what is left over at the end is removed. Every move is looked up anew.
 */
export async function updateRules(
  api: RuleApi,
  before: readonly Section[],
  after: readonly Section[],
): Promise<void> {
  const kept = matchRules(before, after);
  for (const [index, rule] of after.entries()) {
    if (kept.has(index)) continue;
    await named("could not create rule", async () => api.create(newRuleParameters(rule)));
  }
  for (const [index, rule] of after.entries()) await moveRule(api, signatureOf(rule), index);
  const problems = await collect([...kept], ([index, old]) => {
    const rule = after[index];
    return rule === undefined ? Promise.resolve() : api.update(index, changedRuleParameters(rule, old));
  });
  const positions = await api.positions();
  for (const position of positions.slice(after.length).toReversed()) {
    await named(`could not delete rule at pos ${position}`, () => api.remove(position));
  }
  if (problems.length > 0) throw new ProviderFailure(problems);
}

/** Removes the rules of the state that are still there, the last one first. */
export async function deleteRules(api: RuleApi, rules: readonly Section[]): Promise<void> {
  const positions = rules.map((rule) => rule.number("pos")).toSorted((one, other) => other - one);
  const problems: Diagnostic[] = [];
  for (const position of positions) {
    const rule = await named(`error checking rule at pos ${position} before deletion`, () =>
      api.get(position),
    );
    if (rule !== undefined) problems.push(...(await collect([position], api.remove)));
  }
  if (problems.length > 0) throw new ProviderFailure(problems);
}

/** Each rule of the configuration with the one of the state that it continues; equal ones are taken in order. */
function matchRules(before: readonly Section[], after: readonly Section[]): ReadonlyMap<number, Section> {
  const left = Map.groupBy(before, signatureOf);
  const pairs = after.flatMap((rule, index) => {
    const old = left.get(signatureOf(rule))?.shift();
    return old === undefined ? [] : [[index, old] as const];
  });
  return new Map(pairs);
}

async function moveRule(api: RuleApi, signature: string, target: number): Promise<void> {
  const positions = await api.positions();
  for (const position of positions.filter((one) => one >= target)) {
    const rule = await named(`could not read rule at pos ${position}`, () => api.get(position));
    if (rule === undefined || serverSignature(rule) !== signature) continue;
    if (position === target) return;
    await named(`could not move rule from pos ${position} to ${target}`, () =>
      api.update(position, { moveto: String(target) }),
    );
    return;
  }
  throw new Error(
    `could not find rule with signature ${JSON.stringify(signature)} at or after position ${target} during repositioning`,
  );
}

async function named<Result>(what: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function allOf<Item>(items: readonly Item[], step: (item: Item) => Promise<void>): Promise<void> {
  const problems = await collect(items, step);
  if (problems.length > 0) throw new ProviderFailure(problems);
}

/** Takes every step, whatever became of the one before, and tells what failed. */
async function collect<Item>(
  items: readonly Item[],
  step: (item: Item) => Promise<void>,
): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = [];
  for (const item of items) {
    try {
      await step(item);
    } catch (error) {
      problems.push(errorDiagnostic(error instanceof Error ? error.message : String(error)));
    }
  }
  return problems;
}
