import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { homeOf } from "./home-of.ts";
import { noteProcess } from "./machine-processes.ts";

/** Folder of the programs that stand in for those of NixOS. */
export const standIns = join(import.meta.dirname, "nixos/bin");

/**
 * Starts a program as if inside a machine: the stand-ins of NixOS come first on PATH, `NIXHERD_ROOT` is the folder that
 * stands for `/`, and nothing else of this process's environment is there. The program leads a process group of its own,
 * which ends with the machine.
 */
export function spawnInside(
  root: string,
  user: string,
  program: string,
  programArguments: readonly string[],
): ChildProcessWithoutNullStreams {
  const home = join(root, homeOf(user));
  mkdirSync(home, { recursive: true });
  const child = spawn(program, programArguments, {
    cwd: home,
    detached: true,
    env: {
      PATH: [standIns, process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
      HOME: home,
      USER: user,
      LANG: "C",
      TMPDIR: join(root, "tmp"),
      NIXHERD_ROOT: root,
      NIXHERD_EMBEDDED_USER: user,
      NIXHERD_EMBEDDED_NODE: process.execPath,
    },
  });
  if (child.pid !== undefined) child.once("close", noteProcess(root, child.pid));
  return child;
}
