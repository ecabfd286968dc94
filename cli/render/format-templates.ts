import type { DescribedTemplate } from "../../template/describe-templates.ts";

const headings = [
  "VMID",
  "NAME",
  "NODE",
  "FIRMWARE",
  "AGE",
  "CATALOGUE",
  "LINKED CLONES",
  "MACHINES",
] as const;

/** Templates as a table: machines are the running ones that say where they came from. */
export function formatTemplates(templates: readonly DescribedTemplate[]): string {
  if (templates.length === 0) return "There is no template that this token may see.";
  const rows = [headings, ...templates.map(rowOf)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function rowOf(template: DescribedTemplate): string[] {
  const { vmId, name, node, firmware, ageDays, keys, linked, machines } = template;
  const age = ageDays === undefined ? "?" : `${ageDays} d`;
  return [String(vmId), name, node, firmware, age, listOf(keys), listOf(linked), listOf(machines)];
}

function listOf(items: readonly (string | number)[]): string {
  return items.length === 0 ? "-" : items.join(",");
}
