import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import type { PipelineContext } from "./context.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { PlannedStack } from "./plan-stack.ts";
import { planStacks } from "./plan-stacks.ts";
import { prepareStacks } from "./prepare-stacks.ts";
import { withPlanFolder } from "./with-plan-folder.ts";

interface ShowRequest {
  readonly names: readonly string[];
  /** VMIDs; empty means everything. */
  readonly targets: readonly number[];
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
  const { names, targets, outFolder } = request;
  const prepared = await prepareStacks(context, { names, targets, synth: "always" });
  const { parallelism } = readSite(context.root, siteFile).site.terraform;
  return withPlanFolder(context.root, async (planFolder) => {
    const planRequest = { isDestroy: false, targets, parallelism, planFolder };
    const { done, failures } = await planStacks(prepared, planRequest, context);
    if (outFolder !== undefined) await keepPlans(done, resolve(outFolder));
    if (failures.length > 0) return exitCodeOf(failures);
    return done.some(({ plan }) => plan.hasChanges) ? changesPresent : 0;
  });
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
