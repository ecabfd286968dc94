import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { readJson, replaceJson } from "../lib/json-file.ts";
import type { Objection } from "./judge-plan.ts";

/** A plan that waits for somebody's approval. It holds names and sentences, no values of the configuration. */
export interface HeldPlan {
  /** The first eight digits of the plan's digest. */
  readonly id: string;
  readonly stack: string;
  /** See `planDigest`. */
  readonly digest: string;
  readonly isDestroy: boolean;
  /** The VMIDs that the plan is narrowed down to; empty means everything. */
  readonly targets: readonly number[];
  readonly objections: readonly Objection[];
  /** What the plan does in short: "1 to destroy, 1 power cycle". */
  readonly summary: string;
  /** ISO 8601; when a plan with this digest was held first. */
  readonly heldAt: string;
}

/** One file a stack: a newer plan of a stack makes the older one meaningless. */
const heldFolder = (root: string): string => join(root, ".nixherd", "held");
const heldFile = (root: string, stack: string): string => join(heldFolder(root), `${stack}.json`);

/** Every plan that waits, by stack. */
export async function listHeldPlans(root: string): Promise<HeldPlan[]> {
  const names = await readdir(heldFolder(root)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const stacks = names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
  const plans = await Promise.all(stacks.toSorted().map((stack) => readHeldPlan(root, stack)));
  return plans.filter((plan) => plan !== undefined);
}

/** The plan of a stack that waits; undefined when there is none. */
async function readHeldPlan(root: string, stack: string): Promise<HeldPlan | undefined> {
  return (await readJson(heldFile(root, stack))) as HeldPlan | undefined;
}

/** Holds a plan in the place of the stack's last one; the same plan keeps the time at which it was held first. */
export async function holdPlan(
  root: string,
  plan: Omit<HeldPlan, "id" | "heldAt">,
  now: Date,
): Promise<HeldPlan> {
  const last = await readHeldPlan(root, plan.stack);
  const heldAt = last?.digest === plan.digest ? last.heldAt : now.toISOString();
  const held: HeldPlan = { id: plan.digest.slice(0, 8), ...plan, heldAt };
  await replaceJson(heldFile(root, plan.stack), held);
  return held;
}

/**
 * Forgets what is held of a stack, because a plan of all that it was about was applied or needs no approval. One of
 * other machines, or one that destroys on purpose, decides nothing about it.
 */
export async function releasePlan(
  root: string,
  { stack, targets, isDestroy }: Pick<HeldPlan, "stack" | "targets" | "isDestroy">,
): Promise<void> {
  const held = await readHeldPlan(root, stack);
  if (held === undefined || held.isDestroy !== isDestroy) return;
  const isCovered =
    targets.length === 0 || (held.targets.length > 0 && held.targets.every((vmId) => targets.includes(vmId)));
  if (isCovered) await rm(heldFile(root, stack), { force: true });
}

/**
 * The held plan of an id, or of the beginning of one.
 * @throws USAGE when no plan, or more than one, has it
 */
export async function findHeldPlan(root: string, id: string): Promise<HeldPlan> {
  const all = await listHeldPlans(root);
  const [found, ...more] = all.filter((plan) => id !== "" && plan.digest.startsWith(id));
  if (found !== undefined && more.length === 0) return found;
  const waiting = all.map((plan) => `${plan.id} (${plan.stack})`).join(", ");
  throw new NixherdError("USAGE", {
    message:
      found === undefined ? `No held plan has the id ${id}.` : `More than one held plan begins with ${id}.`,
    hint:
      waiting === "" ? "No plan is held; nixherd plan shows what there is to do." : `Held are ${waiting}.`,
  });
}
