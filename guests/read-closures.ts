import type { GuestConnection } from "./connection.ts";
import { type Closure, type ClosureDiff, diffClosures } from "./diff-closures.ts";
import { askScript } from "./run-script.ts";

/** The running system of a machine compared with another one in its store. */
export interface SystemDiff extends ClosureDiff {
  /** Store paths. */
  readonly running: string;
  readonly next: string;
}

const timeoutMs = 120_000;
/** Two closures of some 10,000 paths each. */
const maxChars = 8 * 1024 * 1024;

/** Compares what a machine runs with another system, which its store must have. */
export async function readSystemDiff(connection: GuestConnection, system: string): Promise<SystemDiff> {
  return parseClosures(await askScript(connection, { words: ["closures", system], timeoutMs, maxChars }));
}

/** Reads what guests/remote/closure.sh printed. */
export function parseClosures(text: string): SystemDiff {
  const [before = "", after = ""] = text.split(/^next=/m);
  const [running, old] = closureOf(before.replace(/^running=/, ""));
  const [next, young] = closureOf(after);
  return { running, next, ...diffClosures(old, young) };
}

function closureOf(text: string): [system: string, closure: Closure] {
  const [system = "", ...lines] = text.trim().split("\n");
  const sizes = lines.flatMap((line): [string, number][] => {
    const [bytes, path] = line.split("\t");
    return path === undefined ? [] : [[path, Number(bytes)]];
  });
  return [system, new Map(sizes)];
}
