import type { StackOutput } from "../../terraform/output.ts";

/** One machine of the output "machines" that the stacks of this repository have. */
interface MachineOutput {
  readonly id: number;
  readonly name: string;
  readonly node: string;
  readonly address: string;
  readonly ssh: string;
}

const columns = ["id", "name", "node", "address", "ssh"] as const;
const titles = { id: "VMID", name: "NAME", node: "NODE", address: "ADDRESS", ssh: "SSH" };

/** A stack's outputs for people: its machines as a table, every other output as `name = value`. */
export function formatOutputs(stack: string, outputs: Readonly<Record<string, StackOutput>>): string {
  const { machines, ...others } = outputs;
  const rows = machines === undefined ? [] : machinesOf(machines.value);
  const lines = Object.entries(others).map(([name, { value }]) => `  ${name} = ${JSON.stringify(value)}`);
  if (rows.length === 0 && lines.length === 0) return `${stack}: no outputs (nothing was applied yet)`;
  return [`${stack}:`, ...table(rows), ...lines].join("\n");
}

function machinesOf(value: unknown): MachineOutput[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value as Readonly<Record<string, MachineOutput>>);
}

function table(rows: readonly MachineOutput[]): string[] {
  if (rows.length === 0) return [];
  const cells = [titles, ...rows].map((row) => columns.map((column) => String(row[column] || "-")));
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  return cells.map((row) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd(),
  );
}
