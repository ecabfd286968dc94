import { findRepeated } from "../find-repeated.ts";
import type { Rule } from "../rule.ts";

/** No two interfaces of the fleet have the same fixed address, however it is spelled. */
export const uniqueAddress: Rule = {
  name: "unique-address",
  *check({ machines }) {
    const addresses = machines.flatMap((machine) =>
      machine.addresses.flatMap(({ pointer, address }) =>
        address === undefined ? [] : [{ machine, pointer, text: address.text }],
      ),
    );
    for (const { first, again } of findRepeated(addresses, ({ text }) => text)) {
      const message = `${again.text} is taken by ${first.machine.file}:${first.pointer} (expected an address of its own)`;
      yield { machine: again.machine, pointer: `${again.pointer}/address`, message };
    }
  },
};
