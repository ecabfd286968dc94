import { pointerOf } from "../json.ts";
import type { Rule } from "../rule.ts";

/** VMID ranges of two stacks do not overlap: the next free VMID of one could be meant for the other. */
export const stackRangesAreApart: Rule = {
  name: "stack-ranges-are-apart",
  needsSite: true,
  *check({ site, siteFile: file }) {
    const ranges = Object.entries(site.stacks)
      .flatMap(([name, { vmIds }]) => (vmIds === undefined ? [] : [{ name, ...vmIds }]))
      .toSorted((a, b) => a.from - b.from);
    for (const [index, range] of ranges.entries()) {
      const before = ranges.slice(0, index).find(({ to }) => to >= range.from);
      if (before === undefined) continue;
      const message = `overlaps the range of stack "${before.name}" (expected VMIDs of its own, got ${range.from} to ${range.to})`;
      yield { file, pointer: pointerOf(["stacks", range.name, "vmIds"]), message, severity: "warning" };
    }
  },
};
