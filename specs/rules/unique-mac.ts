import { findRepeated } from "../find-repeated.ts";
import type { Rule } from "../rule.ts";

/** No two interfaces of the fleet have the same MAC address. */
export const uniqueMac: Rule = {
  name: "unique-mac",
  *check({ machines }) {
    const macs = machines.flatMap((machine) =>
      machine.spec.networks.flatMap(({ mac }, index) =>
        mac === undefined ? [] : [{ machine, pointer: `/networks/${index}/mac`, mac: mac.toUpperCase() }],
      ),
    );
    for (const { first, again } of findRepeated(macs, ({ mac }) => mac)) {
      const message = `${again.mac} is taken by ${first.machine.file}:${first.pointer} (expected a MAC address of its own)`;
      yield { machine: again.machine, pointer: again.pointer, message };
    }
  },
};
