import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { MachineSort } from "./start-lab.ts";

/** One run of one cell of the fault matrix: what scripts/fault-matrix.ts makes its table of. */
export interface Cell {
  readonly fault: string;
  readonly exitCode: number;
  /** What the machine ended with, as the machine itself says. */
  readonly ending: string;
  /** How long the hook ran. */
  readonly ms: number;
  /** What the machine was: a namespace, or a whole computer with a kernel of its own. @default namespace */
  readonly machine?: MachineSort;
  /** How long the machine took to boot before. */
  readonly bootMs?: number;
}

const folder = join(import.meta.dirname, "../../.nixherd");

/** Appends a run to `.nixherd/fault-matrix.jsonl`; the runs of several test files come together there. */
export function recordCell(cell: Cell): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, "fault-matrix.jsonl"), `${JSON.stringify(cell)}\n`);
}
