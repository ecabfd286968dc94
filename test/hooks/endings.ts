import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { HookLab } from "./hook-lab.ts";

/** Nothing of a decided activation may be left on the machine. */
export function expectNothingLeft(lab: HookLab): void {
  const { root } = lab.machine;
  expect(existsSync(join(root, "run/nixherd"))).toBe(false);
  const roots = join(root, "nix/var/nix/gcroots/auto");
  expect(existsSync(roots) ? readdirSync(roots) : []).toEqual([]);
  expect(readdirSync(join(root, "run/units")).filter((name) => name.startsWith("nixherd-"))).toEqual([]);
}

/** What a machine runs and boots, compared with what it ran before: the only two endings that there may be. */
export function endingOf(lab: HookLab, before: string): "old system" | "new system confirmed" | "neither" {
  const running = lab.runningSystem();
  if (running !== lab.bootedSystem() || running !== lab.profileSystem()) return "neither";
  return running === before ? "old system" : "new system confirmed";
}
