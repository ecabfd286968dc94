import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Gives a step a folder of its own for saved plans, below `.nixherd/plans`, and removes it afterwards.
 * Only the owner may read it: a plan holds every value of the configuration.
 */
export async function withPlanFolder<R>(root: string, step: (folder: string) => Promise<R>): Promise<R> {
  const plans = join(root, ".nixherd", "plans");
  await mkdir(plans, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(plans, "run-"));
  try {
    return await step(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
