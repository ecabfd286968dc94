import type { HostAddress } from "../address.ts";
import type { FixedAddress } from "../fixed-addresses.ts";
import { eachMachine, type Rule } from "../rule.ts";

const examples = { ipv4: "10.0.20.11/24", ipv6: "2001:db8:20::11/64" } as const;

/** A fixed address has a prefix and is one that a machine can have in its subnet. */
export const usableAddress: Rule = {
  name: "usable-address",
  check: eachMachine(function* ({ addresses }) {
    for (const fixed of addresses) {
      const message = findAddressProblem(fixed);
      if (message !== undefined) yield { pointer: `${fixed.pointer}/address`, message };
    }
  }),
};

function findAddressProblem({ family, address, written }: FixedAddress): string | undefined {
  const expected = `expected an address with prefix such as "${examples[family]}", got "${written.address}"`;
  if (address === undefined) return `is no ${family === "ipv4" ? "IPv4" : "IPv6"} address (${expected})`;
  if (!written.address.includes("/")) return `has no prefix (${expected})`;
  if (address.prefix === 0) return `has a prefix of 0 (${expected})`;
  if (address.special !== undefined) return `is reserved: ${address.special} (${expected})`;
  const reserved = findReservedRole(address);
  return reserved === undefined
    ? undefined
    : `is ${reserved} of its subnet (expected a machine's address, got "${written.address}")`;
}

/** What the address stands for if not for a machine. Subnets of one or two addresses have no such roles (RFC 3021, RFC 6164). */
function findReservedRole({ family, value, subnet }: HostAddress): string | undefined {
  if (subnet.last - subnet.first < 2n) return undefined;
  if (value === subnet.first)
    return family === "ipv4" ? "the network address" : "the routers' anycast address";
  return family === "ipv4" && value === subnet.last ? "the broadcast address" : undefined;
}
