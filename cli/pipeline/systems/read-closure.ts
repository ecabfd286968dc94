import type { Closure } from "../../../guests/diff-closures.ts";
import { type NixSetting, runNix } from "./run-nix.ts";

const timeoutMs = 60_000;
/** Arguments of a program must not be longer than 2 MiB together. */
const pathsAtOnce = 5_000;

/** What a system in the store here consists of; undefined if the store does not have it. */
export async function readClosure(system: string, setting: NixSetting): Promise<Closure | undefined> {
  const query = async (...args: string[]): Promise<string[] | undefined> => {
    const { exitCode, stdout } = await runNix({
      ...setting,
      program: "nix-store",
      args: ["--query", ...args],
      timeoutMs,
    });
    return exitCode === 0 ? stdout.trimEnd().split("\n") : undefined;
  };
  const paths = await query("--requisites", system);
  if (paths === undefined) return undefined;
  const sizes: string[] = [];
  for (let from = 0; from < paths.length; from += pathsAtOnce) {
    const asked = await query("--size", ...paths.slice(from, from + pathsAtOnce));
    if (asked === undefined) return undefined;
    sizes.push(...asked);
  }
  return new Map(paths.map((path, index) => [path, Number(sizes[index])]));
}
