import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { type ClosureDiff, diffClosures } from "../../../guests/diff-closures.ts";
import { readClosure } from "./read-closure.ts";
import type { NixSetting } from "./run-nix.ts";

/** What another system would change on a machine. */
export interface SystemChange extends ClosureDiff {
  /** Parts that only a reboot replaces and that differ: "kernel", "initrd", "kernel-modules". */
  readonly rebootFor: readonly string[];
}

/** What a reboot replaces, as scripts/hooks/remote/facts.sh has it. */
const bootParts = ["kernel", "initrd", "kernel-modules"];

/** Compares two systems of the store here; one that the store does not have is named. */
export async function compareSystems(
  running: string,
  next: string,
  setting: NixSetting,
): Promise<SystemChange | { readonly missing: string }> {
  const [before, after] = await Promise.all([readClosure(running, setting), readClosure(next, setting)]);
  if (before === undefined) return { missing: running };
  if (after === undefined) return { missing: next };
  return { ...diffClosures(before, after), rebootFor: await differingParts(running, next) };
}

async function differingParts(running: string, next: string): Promise<string[]> {
  const differs = await Promise.all(
    bootParts.map(async (part) => (await target(join(running, part))) !== (await target(join(next, part)))),
  );
  return bootParts.filter((_, index) => differs[index]);
}

/** "" for a system without that part. */
async function target(link: string): Promise<string> {
  return realpath(link).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
