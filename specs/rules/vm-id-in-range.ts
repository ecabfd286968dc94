import { entryOf } from "../json.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A VMID lies in the stack's range, if the stack declares one. */
export const vmIdInRange: Rule = {
  name: "vm-id-in-range",
  needsSite: true,
  check: eachMachine(function* ({ spec, stack }, { site }) {
    const range = entryOf(site.stacks, stack)?.vmIds;
    // A range that holds no VMID is a problem of its own.
    if (range === undefined || range.from > range.to) return;
    if (range.from <= spec.vmId && spec.vmId <= range.to) return;
    const message = `is outside the range of stack "${stack}" (expected ${range.from} to ${range.to}, got ${spec.vmId})`;
    yield { pointer: "/vmId", message };
  }),
};
