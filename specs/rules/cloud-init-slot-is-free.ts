import { eachMachine, type Rule } from "../rule.ts";

/** No disk is plugged in where the cloud-init drive is. */
export const cloudInitSlotIsFree: Rule = {
  name: "cloud-init-slot-is-free",
  needsSite: true,
  check: eachMachine(function* ({ spec }) {
    for (const [index, { slot }] of spec.disks.entries()) {
      if (slot !== spec.cloudInit.slot) continue;
      yield {
        pointer: `/disks/${index}/slot`,
        message: `"${slot}" holds the cloud-init drive (expected another slot)`,
      };
    }
  }),
};
