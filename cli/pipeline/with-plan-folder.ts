import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { processStart } from "../../lib/process-start.ts";

/**
 * Gives a step a folder of its own for saved plans, below `.nixherd/plans`, and removes it afterwards, with those that
 * killed runs left. Only the owner may read it: a plan holds every value of the configuration.
 */
export async function withPlanFolder<R>(root: string, step: (folder: string) => Promise<R>): Promise<R> {
  const plans = join(root, ".nixherd", "plans");
  await mkdir(plans, { recursive: true, mode: 0o700 });
  await removeLeftovers(plans);
  const folder = await mkdtemp(join(plans, `run-${await nameOf(process.pid)}-`));
  try {
    return await step(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Programs that outlived their run have read their plan and keep what they write to. */
async function removeLeftovers(plans: string): Promise<void> {
  for (const name of await readdir(plans)) {
    const [, owner, pid] = /^run-((\d+)-.+)-[^-]+$/.exec(name) ?? [];
    const isOwned = owner !== undefined && (await nameOf(Number(pid))) === owner;
    if (!isOwned) await rm(join(plans, name), { recursive: true, force: true });
  }
}

/** A process as a part of a file's name; undefined when it does not run. */
async function nameOf(pid: number): Promise<string | undefined> {
  const start = await processStart(pid);
  return start === undefined ? undefined : `${pid}-${encodeURIComponent(start)}`;
}
