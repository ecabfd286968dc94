import { type AddressRange, type Family, parseAddress } from "./address.ts";
import type { SiteStack } from "./site-spec.ts";

/** One pool of _site.json. */
export interface AddressPool {
  /** As it was written. */
  readonly text: string;
  /** Undefined if it is no range of addresses. */
  readonly range: AddressRange | undefined;
}

/** Reads the pools of a stack: subnets with prefix, or ranges from a first to a last address. */
export function readPools(pools: SiteStack["addressPools"]): AddressPool[] {
  return pools.map((pool) =>
    typeof pool === "string"
      ? { text: pool, range: inFamily((family) => parseSubnet(family, pool)) }
      : { text: `${pool.from} to ${pool.to}`, range: inFamily((family) => parseRange(family, pool)) },
  );
}

function inFamily(parse: (family: Family) => AddressRange | undefined): AddressRange | undefined {
  return parse("ipv4") ?? parse("ipv6");
}

function parseSubnet(family: Family, text: string): AddressRange | undefined {
  return text.includes("/") ? parseAddress(family, text)?.subnet : undefined;
}

function parseRange(family: Family, { from, to }: { from: string; to: string }): AddressRange | undefined {
  const [first, last] = [parseAddress(family, from), parseAddress(family, to)];
  if (first === undefined || last === undefined || from.includes("/") || to.includes("/")) return undefined;
  return first.value <= last.value ? { family, first: first.value, last: last.value } : undefined;
}
