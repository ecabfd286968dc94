import { join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { readBegun } from "../../reconcile/begun-machines.ts";
import type { Machine } from "../../specs/fleet.ts";
import { init } from "../../terraform/init.ts";
import { forgetInit, initNeeded, rememberInit } from "../../terraform/init-needed.ts";
import { plan } from "../../terraform/plan.ts";
import type { TerraformFolder } from "../../terraform/run-terraform.ts";
import { type PlanJson, showPlan } from "../../terraform/show.ts";
import { type StackPlan, summarizePlan } from "../../terraform/stack-plan.ts";
import type { PipelineContext } from "./context.ts";
import type { SelectedStack } from "./select-stacks.ts";

/** A stack with the program that works in its folder. */
export interface PreparedStack extends SelectedStack {
  readonly folder: TerraformFolder;
  /** Why it cannot be planned. */
  readonly failure?: NixherdError | undefined;
  /** Its machines, where the specs were read and are sound. */
  readonly machines: readonly Machine[];
}

/** A stack whose plan is saved and waits to be applied. */
export interface PlannedStack extends PreparedStack {
  readonly planFile: string;
  readonly plan: StackPlan;
  /** The same plan as Terraform tells it; {} when nothing would change. */
  readonly planJson: PlanJson;
  /** Machines that an interrupted run had made were taken into the state before this plan. */
  readonly isRecovered?: boolean;
}

export interface PlanRequest {
  readonly isDestroy: boolean;
  /** Addresses; empty means everything. */
  readonly targets: readonly string[];
  readonly parallelism: number;
  /** Existing folder for the saved plans, readable by its owner only: plans hold the configuration's secrets. */
  readonly planFolder: string;
}

/** One initialisation at a time in this process: a plugin cache that stacks share bears no more. */
let lastInit: Promise<void> = Promise.resolve();

/** Runs `init` in a stack's folder if anything it depends on changed. */
export async function initStack(stack: PreparedStack, context: PipelineContext): Promise<void> {
  const turn = lastInit.then(() => initInTurn(stack, context));
  // Whoever asked hears of a failure; the next one only waits for the end.
  lastInit = turn.catch(() => undefined);
  await turn;
}

async function initInTurn(
  { name, folder, configuration }: PreparedStack,
  { report }: PipelineContext,
): Promise<void> {
  const { isNeeded, isUpgrade } = await initNeeded(folder, configuration);
  if (!isNeeded) return;
  const startedAtMs = performance.now();
  await init(folder, { isUpgrade });
  await rememberInit(folder, configuration);
  report({ event: "init", stack: name, durationMs: since(startedAtMs) });
}

/** Makes and reads the plan of an initialised stack. */
export async function planStack(
  stack: PreparedStack,
  request: PlanRequest,
  context: PipelineContext,
): Promise<PlannedStack> {
  const startedAtMs = performance.now();
  const planFile = join(request.planFolder, `${stack.name}.tfplan`);
  const hasChanges = await planOnceInitialised(stack, { ...request, outFile: planFile }, context);
  const { name, folder } = stack;
  const begun = new Set((await readBegun(context.root, name)).keys());
  const facts = { stack: name, isDestroy: request.isDestroy, hasChanges, begun };
  const planJson = hasChanges ? await showPlan(folder, planFile) : {};
  const summary = summarizePlan(facts, planJson);
  context.report({ event: "plan", stack: name, durationMs: since(startedAtMs), plan: summary });
  return { ...stack, planFile, plan: summary, planJson };
}

/** Somebody may have removed what the last `init` made: then it is run again, once. */
async function planOnceInitialised(
  stack: PreparedStack,
  options: Parameters<typeof plan>[1],
  context: PipelineContext,
): Promise<boolean> {
  const makePlan = () => plan(stack.folder, options, () => undefined);
  try {
    return await makePlan();
  } catch (error) {
    if (!(error instanceof NixherdError) || error.code !== "INIT_NEEDED") throw error;
    await forgetInit(stack.folder);
    await initStack(stack, context);
    return makePlan();
  }
}

function since(startedAtMs: number): number {
  return Math.round(performance.now() - startedAtMs);
}
