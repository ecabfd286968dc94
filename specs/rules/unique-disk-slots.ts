import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** Every disk has a slot of its own: of two in one slot the server keeps the last, and says nothing. */
export const uniqueDiskSlots: Rule = {
  name: "unique-disk-slots",
  check: eachMachine(function* ({ spec }) {
    const disks = spec.disks.map(({ slot }, index) => ({ slot, pointer: `/disks/${index}/slot` }));
    for (const { first, again } of findRepeated(disks, ({ slot }) => slot)) {
      yield {
        pointer: again.pointer,
        message: `"${again.slot}" is the slot of ${first.pointer} too (expected a slot of its own)`,
      };
    }
  }),
};
