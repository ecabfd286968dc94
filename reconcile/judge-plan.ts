import type { SitePolicy } from "../specs/schema/site-policy.ts";
import type { MachinePlan, StackPlan } from "../terraform/stack-plan.ts";
import { effectivePolicy } from "./effective-policy.ts";
import { isInWindow } from "./maintenance-windows.ts";

/** What the command line allows for one run, beyond the policy. */
export interface Allowances {
  /** How many machines may be destroyed or replaced in a stack, instead of the policy's bound. */
  readonly destroy?: number;
  readonly powerCycle?: boolean;
  /** Making machines again that the state knows and the cluster does not show. */
  readonly recreate?: boolean;
}

/** The circumstances under which a plan is judged. */
export interface Occasion {
  /** Somebody sees the plan and confirms it before it is applied. */
  readonly isAttended: boolean;
  readonly now: Date;
  readonly allowances: Allowances;
}

/** Why a plan is not applied as it is. */
export interface Objection {
  /** Names of rules are stable: "destroy-limit", "never-destroy", "protected", "renumbered", "hidden", "power-cycle", "required-tags", "own-check". */
  readonly rule: string;
  /** One sentence that names the machines. */
  readonly message: string;
  /** No approval helps. */
  readonly isFinal: boolean;
}

type PolicyRule = (
  plan: StackPlan,
  policy: SitePolicy,
  occasion: Occasion,
) => Omit<Objection, "rule"> | undefined;

/** Every rule of the policy that needs nothing but the plan. */
const rules: Readonly<Record<string, PolicyRule>> = {
  "destroy-limit": destroyLimit,
  "never-destroy": neverDestroy,
  protected: protectedMachines,
  renumbered: renumberedMachines,
  hidden: hiddenMachines,
  "power-cycle": powerCycles,
  "required-tags": requiredTags,
};

/** What the policy has against a plan; nothing where it may be applied. */
export function judgePlan(plan: StackPlan, policy: SitePolicy, occasion: Occasion): Objection[] {
  return Object.entries(rules).flatMap(([rule, judge]) => {
    const objection = judge(plan, policy, occasion);
    return objection === undefined ? [] : [{ rule, ...objection }];
  });
}

function destroyLimit(plan: StackPlan, { destroy = {} }: SitePolicy, { isAttended, allowances }: Occasion) {
  const ending = endingMachines(plan);
  // `nixherd destroy` was asked for by its name.
  if (ending.length === 0 || plan.isDestroy) return undefined;
  const unlessAsked = isAttended ? Number.POSITIVE_INFINITY : 0;
  const byNumber =
    destroy.most ?? (destroy.mostPercent === undefined ? unlessAsked : Number.POSITIVE_INFINITY);
  const byShare = Math.floor(((destroy.mostPercent ?? 100) / 100) * plan.machineCount);
  const most = allowances.destroy ?? Math.min(byNumber, byShare);
  if (ending.length <= most) return undefined;
  const message = `${count(ending, "machine")} would be destroyed or replaced, ${most} may be: ${list(ending)}.`;
  return { message, isFinal: false };
}

function neverDestroy(plan: StackPlan, policy: SitePolicy) {
  const ending = endingMachines(plan);
  const isStack = policy.neverDestroyStacks.includes(plan.stack);
  const kept = isStack ? ending : ending.filter((machine) => effectivePolicy(machine, policy).neverDestroy);
  if (kept.length === 0) return undefined;
  const message = isStack
    ? `In this stack no machine is ever destroyed or replaced (policy.neverDestroyStacks): ${list(kept)}.`
    : `These machines are never destroyed or replaced (take policy.neverDestroy out of the spec and apply that first): ${list(kept)}.`;
  return { message, isFinal: true };
}

/** A changed vmId looks like two machines, and is most often a slip. */
function renumberedMachines(plan: StackPlan, _: SitePolicy, { isAttended, allowances }: Occasion) {
  const renumbered = endingMachines(plan).filter(({ renumberedAs }) => renumberedAs !== undefined);
  if (renumbered.length === 0 || isAttended) return undefined;
  if (renumbered.length <= (allowances.destroy ?? 0)) return undefined;
  const changes = renumbered.map(({ name, vmId, renumberedAs }) => `${name} (${vmId} to ${renumberedAs})`);
  const message = `The vmId of specs was changed, which destroys the machines and makes new ones: ${changes.join(", ")}.`;
  return { message, isFinal: false };
}

/** Proxmox VE would refuse the removal only after the machine was stopped. */
function protectedMachines(plan: StackPlan) {
  const ending = plan.machines.filter(
    ({ action, isProtected }) => isProtected && (action === "destroy" || action === "replace"),
  );
  if (ending.length === 0) return undefined;
  const message = `Protected machines would be destroyed or replaced (take lifecycle.protection out and apply that first): ${list(ending)}.`;
  return { message, isFinal: true };
}

/** A token that lost its rights makes machines look deleted, so nobody makes them again by himself. */
function hiddenMachines(plan: StackPlan, _: SitePolicy, { isAttended, allowances }: Occasion) {
  const hidden = plan.machines.filter(
    ({ isGone, isUnfinished, action }) => isGone && !isUnfinished && ["create", "forget"].includes(action),
  );
  if (hidden.length === 0 || isAttended || allowances.recreate === true) return undefined;
  const message = `The state knows machines that the cluster does not show, deleted outside or hidden from this token; they would be made again or forgotten: ${list(hidden)}.`;
  return { message, isFinal: false };
}

function powerCycles(plan: StackPlan, policy: SitePolicy, { isAttended, now, allowances }: Occasion) {
  if (allowances.powerCycle === true) return undefined;
  const held = plan.machines.flatMap((machine) => {
    const { powerCycle, maintenanceWindows } = effectivePolicy(machine, policy);
    if (machine.power !== "power cycle" || powerCycle === "allow") return [];
    const isAllowed = powerCycle === "confirm" ? isAttended : isInWindow(maintenanceWindows, now);
    return isAllowed ? [] : [{ machine, powerCycle }];
  });
  if (held.length === 0) return undefined;
  const when = held.some(({ powerCycle }) => powerCycle === "window")
    ? " outside the maintenance windows"
    : "";
  const cycled = held.map(({ machine }) => machine);
  const message = `${count(cycled, "machine")} would be power-cycled${when}: ${list(cycled)}.`;
  return { message, isFinal: false };
}

function requiredTags(plan: StackPlan, policy: SitePolicy) {
  const kept = plan.machines.filter(({ action }) => ["create", "update", "replace"].includes(action));
  const lacking = kept.filter(({ tags }) => policy.requiredTags.some((tag) => !tags.includes(tag)));
  if (lacking.length === 0) return undefined;
  const message = `Machines lack one of the tags ${policy.requiredTags.join(", ")}: ${list(lacking)}.`;
  return { message, isFinal: true };
}

/** Machines that somebody may miss: not those whose making failed halfway. */
function endingMachines({ machines }: StackPlan): MachinePlan[] {
  return machines.filter(
    ({ action, isUnfinished }) => action === "destroy" || (action === "replace" && !isUnfinished),
  );
}

function count(machines: readonly MachinePlan[], what: string): string {
  return machines.length === 1 ? `1 ${what}` : `${machines.length} ${what}s`;
}

/** "web-1 (101), db-1 (102) and 8 more" */
function list(machines: readonly MachinePlan[]): string {
  const mostNamed = 10;
  const named = machines.slice(0, mostNamed).map(({ name, vmId }) => `${name} (${vmId})`);
  const more = machines.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
