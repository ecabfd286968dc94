import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A machine has one default gateway for IPv4 and one for IPv6: with two, replies leave through either. */
export const oneGatewayPerFamily: Rule = {
  name: "one-gateway-per-family",
  check: eachMachine(function* ({ addresses }) {
    const withGateway = addresses.filter(({ written }) => written.gateway !== undefined);
    for (const { first, again } of findRepeated(withGateway, ({ family }) => family)) {
      const message = `is a second default gateway beside ${first.pointer}/gateway (expected one per address family)`;
      yield { pointer: `${again.pointer}/gateway`, message, severity: "warning" };
    }
  }),
};
