import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Usage: node scripts/fault-matrix.ts [--write]
// Prints the table of what the tests of test/guest-lab met since .nixherd/fault-matrix.jsonl was begun; delete that file
// to begin anew. --write puts the table into docs/activation.md. Exit code 1 when a machine ended as none may.

interface Cell {
  readonly fault: string;
  readonly exitCode: number;
  readonly ending: string;
  readonly ms: number;
}

const root = join(import.meta.dirname, "..");
const results = join(root, ".nixherd/fault-matrix.jsonl");
const page = join(root, "docs/activation.md");
const markers = ["<!-- fault-matrix:start -->\n", "<!-- fault-matrix:end -->"] as const;

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
const table = render(cells);
console.log(table);
if (process.argv.includes("--write")) writeFileSync(page, replaceTable(readFileSync(page, "utf8"), table));
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
  const times = runs.map(({ ms }) => ms).toSorted((left, right) => left - right);
  const median = (times[Math.floor(times.length / 2)] ?? 0) / 1000;
  return `| ${fault} | ${endings} | ${codes} | ${runs.length} | ${median.toFixed(1)} |`;
}

function distinct(words: readonly string[]): string {
  return [...new Set(words)].sort().join(", ");
}

function replaceTable(text: string, table: string): string {
  const [before, rest] = text.split(markers[0]);
  const after = rest?.split(markers[1])[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no ${markers.join("")}`);
  return `${before}${markers[0]}${table}\n${markers[1]}${after}`;
}
