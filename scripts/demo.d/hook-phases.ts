import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// Usage: node scripts/demo.d/hook-phases.ts <stack> <milliseconds since 1970>
// Prints how long each phase inside every machine of the stack took in its last run, if that began after the given time.

/** One line of .nixherd/hooks/<stack>/<vmId>.jsonl, as far as it is read here. */
interface PhaseLine {
  /** Whole seconds of UTC, such as 2026-11-21T08:48:45Z. */
  readonly at: string;
  readonly run: number;
  readonly name: string;
  readonly phase: string;
  readonly state: "start" | "ok" | "fail" | "skip";
  readonly ms: number;
}

const [stack = "", since = "0"] = process.argv.slice(2);
const folder = join(".nixherd/hooks", stack);
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".jsonl")) : [];
for (const file of files.sort()) console.log(describeLastRun(readLines(join(folder, file))));

function readLines(file: string): PhaseLine[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as PhaseLine);
}

function describeLastRun(lines: readonly PhaseLine[]): string {
  const last = lines.at(-1);
  const run = lines.filter((line) => line.run === last?.run);
  const began = Date.parse(run[0]?.at ?? "");
  const name = `  ${(last?.name ?? "").padEnd(8)}`;
  // The log has whole seconds only.
  if (began < Math.floor(Number(since) / 1000) * 1000) return `${name} not run: nothing changed for it`;
  const ended = run.filter(({ state }) => state !== "start");
  return `${name} ${ended.map(({ phase, state, ms }) => `${phase} ${state === "ok" ? `${ms} ms` : state}`).join(", ")}`;
}
