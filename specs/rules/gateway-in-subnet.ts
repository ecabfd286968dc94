import { isInRange, parseAddress } from "../address.ts";
import type { FixedAddress } from "../fixed-addresses.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A gateway is another address of the machine's subnet; the server accepts any, and the machine is unreachable then. */
export const gatewayInSubnet: Rule = {
  name: "gateway-in-subnet",
  check: eachMachine(function* ({ addresses }) {
    for (const fixed of addresses) {
      const message = findGatewayProblem(fixed);
      if (message !== undefined) yield { pointer: `${fixed.pointer}/gateway`, message };
    }
  }),
};

function findGatewayProblem({ family, address, written }: FixedAddress): string | undefined {
  const { gateway: text } = written;
  if (text === undefined || address === undefined) return undefined;
  const gateway = text.includes("/") ? undefined : parseAddress(family, text);
  if (gateway === undefined) return `is no address (expected one without prefix, got "${text}")`;
  if (gateway.value === address.value)
    return `is the machine's own address (expected its router's, got "${text}")`;
  // Routers announce themselves by link-local addresses, which are in every subnet's reach.
  if (family === "ipv6" && gateway.special === "link-local") return undefined;
  if (isInRange(gateway, address.subnet)) return undefined;
  return `is outside the subnet (expected an address in that of ${written.address}, got "${text}")`;
}
