import { eachMachine, type Rule } from "../rule.ts";

const minMtu = 576;

/** An MTU is one that IPv4 can live with, or 1 for the bridge's, and only virtio cards take one. */
export const mtuFitsCard: Rule = {
  name: "mtu-fits-card",
  check: eachMachine(function* ({ spec }) {
    for (const [index, { mtu, model }] of spec.networks.entries()) {
      const pointer = `/networks/${index}/mtu`;
      if (mtu === undefined) continue;
      if (model !== "virtio")
        yield { pointer, message: `does nothing on a card of model "${model}" (expected model "virtio")` };
      if (mtu === 1 || mtu >= minMtu) continue;
      yield {
        pointer,
        message: `is too small (expected ${minMtu} to 65520, or 1 for the bridge's, got ${mtu})`,
      };
    }
  }),
};
