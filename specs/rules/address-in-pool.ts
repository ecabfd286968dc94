import { isInRange } from "../address.ts";
import { readPools } from "../address-pools.ts";
import { entryOf } from "../json.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A fixed address comes from the stack's pools, if the stack declares one of its family. */
export const addressInPool: Rule = {
  name: "address-in-pool",
  needsSite: true,
  check: eachMachine(function* ({ addresses, stack }, { site }) {
    const pools = readPools(entryOf(site.stacks, stack)?.addressPools ?? []);
    for (const { address, family, pointer, written } of addresses) {
      const ofFamily = pools.filter(({ range }) => range?.family === family);
      if (address === undefined || ofFamily.length === 0) continue;
      if (ofFamily.some(({ range }) => range !== undefined && isInRange(address, range))) continue;
      const expected = ofFamily.map(({ text }) => text).join(" or ");
      const message = `is outside the pools of stack "${stack}" (expected an address in ${expected}, got "${written.address}")`;
      yield { pointer: `${pointer}/address`, message };
    }
  }),
};
