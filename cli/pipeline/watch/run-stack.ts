import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NixherdError } from "../../../lib/errors.ts";
import { maskSecretsIn } from "../../../lib/mask-secrets.ts";
import { type RunRecord, recordRun } from "../../../reconcile/record-run.ts";
import { outcomeOf } from "../../../reconcile/watch/failure-outcome.ts";
import { forgetMemory, readMemory, workLeft, writeMemory } from "../../../reconcile/watch/stack-memory.ts";
import type { Outcome, RunKind } from "../../../reconcile/watch/stack-turn.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import { readSynthesized } from "../../../terraform/stack-configuration.ts";
import type { MachinePlan } from "../../../terraform/stack-plan.ts";
import type { Touched } from "../../../terraform/touched-machines.ts";
import { asNixherdError } from "../as-nixherd-error.ts";
import { changeStacks } from "../change-stacks.ts";
import type { PipelineContext } from "../context.ts";
import { reportError } from "../each-stack.ts";
import { exitCodeOf } from "../exit-code.ts";
import { planStacks } from "../plan-stacks.ts";
import { prepareStacks } from "../prepare-stacks.ts";
import { readManifest } from "../select-stacks.ts";
import { withPlanFolder } from "../with-plan-folder.ts";

export interface StackRun {
  readonly outcome: Outcome;
  readonly failures: readonly NixherdError[];
  /** What differs from the specs and was not mended; empty after a change. */
  readonly drifted: readonly MachinePlan[];
  /** The stack has no folder any more, and now no machines either. */
  readonly isForgotten: boolean;
}

export interface RunRequest {
  readonly stack: string;
  readonly kind: RunKind;
  /** What a look at the whole stack does about what it finds. */
  readonly drift: "report" | "mend";
}

/** Two records must not begin in the same millisecond. */
let lastRecordMs = 0;

/** Runs a stack once, as `nixherd apply --yes` would, and keeps in mind what is left to do. Never throws. */
export async function runStack(context: PipelineContext, request: RunRequest): Promise<StackRun> {
  try {
    if (request.kind === "drift" && request.drift === "report") return await lookForDrift(context, request);
    return await applyWhatIsLeft(context, request);
  } catch (thrown) {
    return failed(context, request.stack, thrown);
  }
}

async function applyWhatIsLeft(context: PipelineContext, { stack, kind }: RunRequest): Promise<StackRun> {
  const { root } = context;
  const folder = (await readManifest(root)).get(stack);
  // Its folder and its machines are gone since the synthesis.
  if (folder === undefined) return ended([]);
  const configuration = await readSynthesized(folder);
  const memory = await readMemory(root, stack);
  const work: Touched = kind === "drift" ? "everything" : workLeft(memory, configuration);
  if (work === "nothing") return ended([]);
  // A look that mends and fails is repeated by itself; nothing of the specs is left to do because of it.
  if (kind === "change") await writeMemory(root, stack, { ...memory, attempted: work });
  const failures = await recorded(context, stack, (run) => applyStackNow(run, stack, work));
  if (failures.length > 0) return ended(failures);
  if (existsSync(join(root, "vm-specs", stack))) {
    await writeMemory(root, stack, { applied: configuration, attempted: "nothing" });
    return ended([]);
  }
  await forgetMemory(root, stack);
  return { ...ended([]), isForgotten: true };
}

async function applyStackNow(
  context: PipelineContext,
  stack: string,
  work: Exclude<Touched, "nothing">,
): Promise<NixherdError[]> {
  return changeStacks(context, {
    names: [stack],
    targets: work === "everything" ? [] : work,
    isDestroy: false,
    isAttended: false,
    allowances: {},
    synth: "if-missing",
    confirm: () => Promise.resolve(),
  });
}

async function lookForDrift(context: PipelineContext, { stack }: RunRequest): Promise<StackRun> {
  const { root } = context;
  const prepared = await prepareStacks(context, { names: [stack], targets: [], synth: "if-missing" });
  const { parallelism } = readSite(root, siteFile).site.terraform;
  return withPlanFolder(root, async (planFolder) => {
    const request = { isDestroy: false, parallelism, planFolder };
    const { done, failures } = await planStacks(prepared, request, context);
    return { ...ended(failures), drifted: done.flatMap(({ plan }) => plan.machines) };
  });
}

/** Keeps a record of what a run tells, as other commands that change machines do. */
async function recorded(
  context: PipelineContext,
  stack: string,
  step: (context: PipelineContext) => Promise<NixherdError[]>,
): Promise<NixherdError[]> {
  lastRecordMs = Math.max(Date.now(), lastRecordMs + 1);
  const command = ["watch", stack];
  const record = await recordRun({ root: context.root, command, now: new Date(lastRecordMs) });
  const report = reportTo(record, context);
  try {
    const failures = await step({ ...context, report });
    record.end(exitCodeOf(failures));
    return failures;
  } catch (thrown) {
    const error = asNixherdError(thrown);
    reportError(report, error, stack);
    record.end(error.exitCode);
    return [error];
  }
}

function reportTo(record: RunRecord, { report }: PipelineContext): PipelineContext["report"] {
  return (event) => {
    record.write(maskSecretsIn(event));
    report(event);
  };
}

function ended(failures: readonly NixherdError[]): StackRun {
  return { outcome: outcomeOf(failures), failures, drifted: [], isForgotten: false };
}

function failed({ report }: PipelineContext, stack: string, thrown: unknown): StackRun {
  const error = asNixherdError(thrown);
  reportError(report, error, stack);
  return ended([error]);
}
