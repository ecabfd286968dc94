import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** Every VLAN tag of an interface's trunks stands there once. */
export const uniqueTrunks: Rule = {
  name: "unique-trunks",
  check: eachMachine(function* ({ spec }) {
    for (const [index, { trunks }] of spec.networks.entries()) {
      const tags = trunks.map((tag, position) => ({ tag, pointer: `/networks/${index}/trunks/${position}` }));
      for (const { again } of findRepeated(tags, ({ tag }) => String(tag))) {
        yield {
          pointer: again.pointer,
          message: `is there twice (expected each tag once, got ${again.tag})`,
        };
      }
    }
  }),
};
