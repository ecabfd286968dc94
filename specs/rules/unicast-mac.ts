import { eachMachine, type Rule } from "../rule.ts";

/** A MAC address is a card's own, not a group's: Proxmox VE refuses it only after the clone. */
export const unicastMac: Rule = {
  name: "unicast-mac",
  check: eachMachine(function* ({ spec }) {
    for (const [index, { mac }] of spec.networks.entries()) {
      if (mac === undefined || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0) continue;
      const message = `is a group's address (expected an even first byte, got "${mac}")`;
      yield { pointer: `/networks/${index}/mac`, message };
    }
  }),
};
