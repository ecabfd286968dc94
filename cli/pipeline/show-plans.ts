import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import { changedSince } from "./changed-since.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack } from "./each-stack.ts";
import { exitCodeOf } from "./exit-code.ts";
import { objectionsTo } from "./judge-stacks.ts";
import { observeCluster } from "./observe-cluster.ts";
import type { PlannedStack } from "./plan-stack.ts";
import { planStacks } from "./plan-stacks.ts";
import { allStacks, prepareStacks } from "./prepare-stacks.ts";
import { refuseMovedSpecs } from "./refuse-moved-specs.ts";
import { refuseTakenVmIds } from "./refuse-taken-vmids.ts";
import { tellSteps } from "./systems/plan-steps.ts";
import { withPlanFolder } from "./with-plan-folder.ts";

interface ShowRequest {
  readonly names: readonly string[];
  /** VMIDs; empty means everything. */
  readonly targets: readonly number[];
  /** A git revision: only what differs from it is planned. */
  readonly changedSince: string | undefined;
  /** Build the systems that are built here, so that the packages in them can be compared; otherwise only evaluate them. */
  readonly builds: boolean;
  /** Where the plans are kept; undefined keeps none. */
  readonly outFolder: string | undefined;
}

/** The exit code that says: nothing failed, and an apply would change something. */
const changesPresent = 3;

/**
 * Plans the stacks and tells the plans; the exit code says whether something would change.
 * @throws what prevents everything: INVALID_INPUT, SYNTH_FAILED, USAGE, no program
 */
export async function showPlans(context: PipelineContext, request: ShowRequest): Promise<number> {
  const { names, targets, outFolder, changedSince: base } = request;
  const systems = request.builds ? "build" : "evaluate";
  const all = await prepareStacks(context, { names, targets, synth: "always", systems });
  const prepared = base === undefined ? all : await changedSince(base, all, context);
  const { site } = readSite(context.root, siteFile);
  const { parallelism } = site.terraform;
  return withPlanFolder(context.root, async (planFolder) => {
    const planRequest = { isDestroy: false, parallelism, planFolder };
    const { done, failures } = await planStacks(prepared, planRequest, context);
    for (const stack of done) await tellSteps(stack, context);
    const staying = await refuseMovedSpecs(done, context);
    const search = { site, allStacks: () => allStacks(context) };
    const allowed = await refuseTakenVmIds(staying.done, search, context);
    const judged = await eachStack(allowed.done, done.length, context, (stack) =>
      tellObjections(stack, site, context),
    );
    const isWhole = names.length === 0 && targets.length === 0 && base === undefined && failures.length === 0;
    await observeCluster(done, { site, isWhole }, context);
    if (outFolder !== undefined) await keepPlans(done, resolve(outFolder));
    const allFailures = [{ failures }, staying, allowed, judged].flatMap((step) => step.failures);
    if (allFailures.length > 0) return exitCodeOf(allFailures);
    return done.some(({ plan }) => plan.hasChanges) ? changesPresent : 0;
  });
}

/** Judges as an unattended apply would, since a plan is made for those who are not there, too. */
async function tellObjections(stack: PlannedStack, site: SiteSpec, context: PipelineContext): Promise<void> {
  const occasion = { isAttended: false, now: new Date(), allowances: {} };
  const objections = stack.plan.hasChanges ? await objectionsTo(stack, site, occasion, context) : [];
  if (objections.length > 0) context.report({ event: "objections", stack: stack.name, objections });
}

/** A saved plan holds every value of the configuration, so only its owner may read it; the summary holds names only. */
async function keepPlans(stacks: readonly PlannedStack[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, plan, planFile } of stacks) {
    const kept = join(folder, `${name}.tfplan`);
    await copyFile(planFile, kept);
    await chmod(kept, 0o600);
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(plan, undefined, 2)}\n`);
  }
}
