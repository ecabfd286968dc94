import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Usage: node scripts/fault-matrix.ts [--write]
// Prints the tables of what the tests of test/guest-lab met since .nixherd/fault-matrix.jsonl was begun; delete that file
// to begin anew. There are two: of machines that are namespaces, and of those with a kernel of their own (test/long).
// --write puts those that there are cells for into docs/activation.md. Exit code 1 when a machine ended as none may.

interface Cell {
  readonly fault: string;
  readonly exitCode: number;
  readonly ending: string;
  readonly ms: number;
  readonly machine?: string;
  readonly bootMs?: number;
}

const root = join(import.meta.dirname, "..");
const results = join(root, ".nixherd/fault-matrix.jsonl");
const page = join(root, "docs/activation.md");
const tables = { namespace: "fault-matrix", kernel: "kernel-fault-matrix" };

if (!existsSync(results)) {
  console.error(
    "There are no results yet: run scripts/setup --with-guest-lab as root on Debian, then vitest run --config vitest.guest-lab.config.ts.",
  );
  process.exit(1);
}
const cells = readFileSync(results, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Cell);
for (const [machine, name] of Object.entries(tables)) {
  const met = cells.filter((cell) => (cell.machine ?? "namespace") === machine);
  if (met.length === 0) continue;
  const table = machine === "kernel" ? `${render(met)} ${renderBoots(met)}` : render(met);
  console.log(`${table}\n`);
  if (process.argv.includes("--write"))
    writeFileSync(page, replaceTable(readFileSync(page, "utf8"), name, table));
}
if (cells.some(({ ending }) => ending === "neither")) process.exitCode = 1;

function render(cells: readonly Cell[]): string {
  const byFault = Map.groupBy(cells, ({ fault }) => fault);
  const rows = [...byFault.entries()].sort(([left], [right]) => left.localeCompare(right, "en"));
  const good = cells.filter(({ ending }) => ending !== "neither").length;
  return [
    "| fault | the machine ended with | exit code | runs | seconds |",
    "|---|---|---|---|---|",
    ...rows.map(([fault, runs]) => renderRow(fault, runs)),
    "",
    `${good} of ${cells.length} runs ended as a machine may.`,
  ].join("\n");
}

function renderRow(fault: string, runs: readonly Cell[]): string {
  const endings = distinct(runs.map(({ ending }) => ending));
  const codes = distinct(runs.map(({ exitCode }) => (exitCode === 137 ? "killed" : String(exitCode))));
  const seconds = medianSeconds(runs.map(({ ms }) => ms));
  return `| ${fault} | ${endings} | ${codes} | ${runs.length} | ${seconds.toFixed(1)} |`;
}

function renderBoots(cells: readonly Cell[]): string {
  const seconds = medianSeconds(cells.flatMap(({ bootMs }) => bootMs ?? []));
  return `A machine booted in ${seconds.toFixed(0)} seconds (median).`;
}

function medianSeconds(times: readonly number[]): number {
  const sorted = times.toSorted((left, right) => left - right);
  return (sorted[Math.floor(sorted.length / 2)] ?? 0) / 1000;
}

function distinct(words: readonly string[]): string {
  return [...new Set(words)].sort().join(", ");
}

function replaceTable(text: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}:start -->\n`, `<!-- ${name}:end -->`];
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no ${start}${end}`);
  return `${before}${start}${table}\n${end}${after}`;
}
