import type { ClosureDiff, PackageChange } from "../../guests/diff-closures.ts";
import { formatGrowth } from "./format-bytes.ts";
import { formatTable } from "./format-table.ts";

const signs = { added: "+", removed: "-", changed: "~" };

/** One line per package, in columns: sign, name, versions, growth. */
export function packageLines(packages: readonly PackageChange[]): string[] {
  return formatTable(
    packages.map(({ kind, name, before, after, grownBytes }) => [
      signs[kind],
      name,
      versionsText(before, after),
      formatGrowth(grownBytes),
    ]),
  );
}

/** How many packages come, go and change: "+1 -2 ~3"; "unchanged". */
export function countPackages(packages: readonly PackageChange[]): string {
  const count = (kind: PackageChange["kind"]) => packages.filter((change) => change.kind === kind).length;
  return packages.length === 0 ? "unchanged" : `+${count("added")} -${count("removed")} ~${count("changed")}`;
}

/** How much larger a system gets. */
export function growthOf({ bytesBefore, bytesAfter }: ClosureDiff): string {
  return formatGrowth(bytesAfter - bytesBefore);
}

function versionsText(before: readonly string[], after: readonly string[]): string {
  const text = (versions: readonly string[]) => versions.filter((version) => version !== "").join(", ");
  const [old, next] = [text(before), text(after)];
  return old === next ? old : [old, next].filter((one) => one !== "").join(" -> ");
}
