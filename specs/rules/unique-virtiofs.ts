import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A machine has each directory mapping once: its name is the mount tag in the guest. */
export const uniqueVirtiofs: Rule = {
  name: "unique-virtiofs",
  check: eachMachine(function* ({ spec }) {
    const shares = spec.hardware.virtiofs.map(({ mapping }, index) => ({
      mapping,
      pointer: `/hardware/virtiofs/${index}/mapping`,
    }));
    for (const { again } of findRepeated(shares, ({ mapping }) => mapping)) {
      yield {
        pointer: again.pointer,
        message: `"${again.mapping}" is there twice (expected each mapping once)`,
      };
    }
  }),
};
