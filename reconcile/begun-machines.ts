import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readJson, replaceJson } from "../lib/json-file.ts";

/**
 * A machine that an apply began to make. Its VMID was free just before; until the state knows the machine, this note is
 * how a later run tells it from a stranger.
 */
export interface BegunMachine {
  readonly vmId: number;
  readonly name: string;
  /** What the request to clone says, too. */
  readonly description: string;
  /** ISO 8601 */
  readonly begunAt: string;
  /** It was found cloned and nothing more, and is to be made anew. */
  readonly isBare?: boolean;
}

const begunFile = (root: string, stack: string): string => join(root, ".nixherd", "begun", `${stack}.json`);

/** The machines of a stack that were begun and not seen finished, by VMID. */
export async function readBegun(root: string, stack: string): Promise<ReadonlyMap<number, BegunMachine>> {
  const all = ((await readJson(begunFile(root, stack))) ?? []) as readonly BegunMachine[];
  return new Map(all.map((machine) => [machine.vmId, machine]));
}

/** Keeps exactly these machines of a stack in mind. */
export async function writeBegun(
  root: string,
  stack: string,
  machines: readonly BegunMachine[],
): Promise<void> {
  if (machines.length === 0) await rm(begunFile(root, stack), { force: true });
  else await replaceJson(begunFile(root, stack), machines);
}
