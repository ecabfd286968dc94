import type { FaultName, FaultRule, RuleOf } from "./fault-rule.ts";
import { type FaultEvent, matchesRule } from "./match-rule.ts";

/** A rule with what has become of it. Plain data: it is kept with the cluster's state. */
export interface ArmedRule<Rule extends FaultRule = FaultRule> {
  readonly rule: Rule;
  /** Events that it was about. */
  matched: number;
  /** Events that met the fault. */
  applied: number;
  /** State of the rule's own generator of chances. */
  chance: number;
  /** undefined while it never expires. */
  readonly expiresAtMs: number | undefined;
}

/** The faults that were asked for. */
export interface FaultState {
  seed: number;
  rules: ArmedRule[];
  /** Machines that were powered on and met `never-boots`. */
  readonly unbooted: Set<number>;
}

/** No faults. */
export function createFaultState(): FaultState {
  return { seed: 0, rules: [], unbooted: new Set() };
}

/** Arms rules; equal seeds give equal chances. Each rule has a sequence of its own, whatever the others meet. */
export function armRules(rules: readonly FaultRule[], seed: number, nowMs: number): ArmedRule[] {
  return rules.map((rule, index) => ({
    rule,
    matched: 0,
    applied: 0,
    chance: Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b),
    expiresAtMs: rule.lastsMs === undefined ? undefined : nowMs + rule.lastsMs,
  }));
}

/** A number from 0 to below 1 (mulberry32). */
function draw(armed: ArmedRule): number {
  armed.chance = (armed.chance + 0x6d2b79f5) | 0;
  let mixed = Math.imul(armed.chance ^ (armed.chance >>> 15), armed.chance | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

/** Says whether a rule still holds. */
export function isInForce({ expiresAtMs }: ArmedRule, nowMs: number): boolean {
  return expiresAtMs === undefined || nowMs < expiresAtMs;
}

type Frequency = Pick<RuleOf<"latency">, "skip" | "count" | "probability" | "lastsMs">;

function meets(armed: ArmedRule): boolean {
  const { skip = 0, count = Number.POSITIVE_INFINITY, probability = 1 }: Frequency = armed.rule;
  armed.matched += 1;
  if (armed.matched <= skip || armed.applied >= count) return false;
  if (probability < 1 && draw(armed) >= probability) return false;
  armed.applied += 1;
  return true;
}

function isOfKind<Name extends FaultName>(
  armed: ArmedRule,
  names: readonly Name[],
): armed is ArmedRule<RuleOf<Name>> {
  return (names as readonly FaultName[]).includes(armed.rule.fault);
}

/** The first rule of some kinds that an event meets, in the order in which they were set. */
export function takeFault<Name extends FaultName>(
  faults: FaultState,
  names: readonly Name[],
  event: FaultEvent,
): RuleOf<Name> | undefined {
  for (const armed of faults.rules) {
    if (!isOfKind(armed, names) || !isInForce(armed, event.nowMs)) continue;
    if (matchesRule(armed.rule, event) && meets(armed)) return armed.rule;
  }
  return undefined;
}
