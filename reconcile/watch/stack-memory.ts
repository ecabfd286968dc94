import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readJson, replaceJson } from "../../lib/json-file.ts";
import { type Touched, touchedMachines } from "../../terraform/touched-machines.ts";
import { watchFiles } from "./watch-files.ts";

type Configuration = Readonly<Record<string, unknown>>;

/** What is known of a stack beyond its specs. It survives the watcher. */
export interface StackMemory {
  /** The synthesised configuration that was applied last; undefined before the first time. */
  readonly applied?: Configuration | undefined;
  /** What runs began with and did not end well: it may be half done, so it stays to be done. */
  readonly attempted: Touched;
}

const nothingKnown: StackMemory = { attempted: "nothing" };

const fileOf = (root: string, stack: string): string => join(watchFiles(root).stacks, `${stack}.json`);

/** What is remembered of a stack. */
export async function readMemory(root: string, stack: string): Promise<StackMemory> {
  return ((await readJson(fileOf(root, stack))) as StackMemory | undefined) ?? nothingKnown;
}

/** Remembers a stack. */
export async function writeMemory(root: string, stack: string, memory: StackMemory): Promise<void> {
  await replaceJson(fileOf(root, stack), memory);
}

/** Forgets a stack of which nothing is left. */
export async function forgetMemory(root: string, stack: string): Promise<void> {
  await rm(fileOf(root, stack), { force: true });
}

/** The stacks that anything is remembered of. */
export async function rememberedStacks(root: string): Promise<string[]> {
  const names = await readdir(watchFiles(root).stacks).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
}

/** What there is to do until a configuration is applied: what differs, and what earlier runs left. */
export function workLeft({ applied, attempted }: StackMemory, current: Configuration): Touched {
  return joinTouched(touchedMachines(applied, current), attempted);
}

function joinTouched(left: Touched, right: Touched): Touched {
  if (left === "everything" || right === "everything") return "everything";
  const machines = new Set([left, right].flatMap((each) => (each === "nothing" ? [] : each)));
  return machines.size === 0 ? "nothing" : [...machines].toSorted((one, other) => one - other);
}
