import { NixherdError } from "../../lib/errors.ts";
import { type HeldPlan, holdPlan, releasePlan } from "../../reconcile/held-plans.ts";
import { judgePlan, type Objection, type Occasion } from "../../reconcile/judge-plan.ts";
import { askOwnChecks } from "../../reconcile/own-checks.ts";
import { planDigest } from "../../reconcile/plan-digest.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import { sumUpPlan } from "../../terraform/sum-up-plan.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack, type StackResults } from "./each-stack.ts";
import type { PlannedStack } from "./plan-stack.ts";

export interface Judgement extends Occasion {
  /** The plan that somebody approved: what is objected to it does not count, but for what is final. */
  readonly approved?: HeldPlan | undefined;
  /** The plan is a part of one that was approved or confirmed, so it is not the same one any more. */
  readonly isContinuation?: boolean;
}

/**
 * Leaves out the stacks whose plan breaks the site's policy, and holds their plans for an approval.
 * The failures are PLAN_HELD and POLICY_CHECK_FAILED.
 */
export async function judgeStacks(
  stacks: readonly PlannedStack[],
  site: SiteSpec,
  judgement: Judgement,
  context: PipelineContext,
): Promise<StackResults<PlannedStack>> {
  return eachStack(stacks, stacks.length, context, (stack) => judgeStack(stack, site, judgement, context));
}

/**
 * Gives the stack back if the policy has nothing against its plan.
 * @throws PLAN_HELD, POLICY_CHECK_FAILED
 */
export async function judgeStack(
  stack: PlannedStack,
  site: SiteSpec,
  judgement: Judgement,
  context: PipelineContext,
): Promise<PlannedStack> {
  const objections = await objectionsTo(stack, site, judgement, context);
  if (objections.length > 0) throw await hold(stack, objections, judgement, context);
  await releaseHeld(context.root, stack);
  return stack;
}

/** Forgets what was held of a stack, as far as this plan, which needs no approval, is about it. */
export async function releaseHeld(root: string, { name, targets, plan }: PlannedStack): Promise<void> {
  await releasePlan(root, { stack: name, targets, isDestroy: plan.isDestroy });
}

/** What the policy and the user's own checks have against a plan. */
export async function objectionsTo(
  { plan, planJson }: Pick<PlannedStack, "plan" | "planJson">,
  { policy }: SiteSpec,
  { approved, isContinuation = false, ...occasion }: Judgement,
  { root, interrupt }: PipelineContext,
): Promise<Objection[]> {
  const own = await askOwnChecks(planJson, { root, checks: policy.checks, stack: plan.stack, interrupt });
  const objections = [...judgePlan(plan, policy, occasion), ...own];
  if (approved === undefined) return objections;
  if (isContinuation || approved.digest === planDigest(planJson))
    return objections.filter(({ isFinal }) => isFinal);
  const message = `The plan is not the one that was approved (${approved.id}): specs or machines have changed since.`;
  return [{ rule: "approval-stale", message, isFinal: false }, ...objections];
}

async function hold(
  { name, plan, planJson, targets }: PlannedStack,
  objections: readonly Objection[],
  { now }: Judgement,
  { root }: PipelineContext,
): Promise<NixherdError> {
  const summary = sumUpPlan(plan);
  const { isDestroy } = plan;
  const digest = planDigest(planJson);
  const held = await holdPlan(root, { stack: name, digest, isDestroy, targets, objections, summary }, now);
  const isFinal = objections.some((objection) => objection.isFinal);
  const options = new Set(objections.flatMap(({ rule }) => optionFor[rule] ?? []));
  const alternative = options.size === 0 ? "" : `, or run this again with ${[...options].join(" ")}`;
  return new NixherdError("PLAN_HELD", {
    message: `The plan (${summary}) is held:\n${objections.map(({ message }) => message).join("\n")}`,
    hint: isFinal
      ? "Change the specs, or the policy in vm-specs/_site.json: approving this plan would not help."
      : `If this is what you want: nixherd approve ${held.id}${alternative}.`,
  });
}

/** What allows on the command line, for one run, that to which a rule objects. */
const optionFor: Readonly<Record<string, string>> = {
  "destroy-limit": "--allow-destroy <n>",
  renumbered: "--allow-destroy <n>",
  hidden: "--allow-recreate",
  "power-cycle": "--allow-power-cycle",
};
