import { readPools } from "../address-pools.ts";
import { pointerOf } from "../json.ts";
import { findNameProblem } from "../name-problem.ts";
import type { Rule } from "../rule.ts";

/** The bounds of a stack mean something: its VMIDs and pools are ranges, its domain is a DNS name. */
export const stackBoundsAreRanges: Rule = {
  name: "stack-bounds-are-ranges",
  needsSite: true,
  *check({ site, siteFile: file }) {
    for (const [name, { addressPools, domain, vmIds }] of Object.entries(site.stacks)) {
      const pointer = pointerOf(["stacks", name]);
      if (vmIds !== undefined && vmIds.from > vmIds.to) {
        const message = `holds no VMID (expected from <= to, got ${vmIds.from} to ${vmIds.to})`;
        yield { file, pointer: `${pointer}/vmIds`, message };
      }
      for (const [index, { range, text }] of readPools(addressPools).entries()) {
        if (range !== undefined) continue;
        const message = `is no range of addresses (expected a subnet such as "10.0.20.0/24" or { from, to }, got "${text}")`;
        yield { file, pointer: `${pointer}/addressPools/${index}`, message };
      }
      const message = domain === undefined ? undefined : findNameProblem(domain);
      if (message !== undefined) yield { file, pointer: `${pointer}/domain`, message };
    }
  },
};
