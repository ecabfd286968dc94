import { Address4, Address6 } from "ip-address";
import {
  type AddressRange,
  type Family,
  type HostAddress,
  isInRange,
  parseAddress,
} from "../../specs/address.ts";
import { readPools } from "../../specs/address-pools.ts";
import { fixedAddresses } from "../../specs/fixed-addresses.ts";
import type { Fleet } from "../../specs/fleet.ts";
import { entryOf } from "../../specs/json.ts";

/** An address for a new machine, as a spec writes it. */
export interface NextAddress {
  /** With prefix. */
  readonly address: string;
  /** The gateway of the machines in the same subnet; absent when there is none to learn it from. */
  readonly gateway?: string;
}

interface KnownAddress {
  readonly address: HostAddress;
  readonly gateway: HostAddress | undefined;
}

/**
 * The next free address of a stack's pools of one family: no machine has it, and it is no gateway, no DNS server and
 * no end of its subnet. Undefined when the stack has no such pool, "full" when nothing is left in it.
 */
export function nextAddress(fleet: Fleet, stack: string, family: Family): NextAddress | "full" | undefined {
  const pools = readPools(entryOf(fleet.site.stacks, stack)?.addressPools ?? []).filter(
    ({ range }) => range?.family === family,
  );
  if (pools.length === 0) return undefined;
  const known = knownAddresses(fleet, family);
  const taken = takenValues(fleet, family, known);
  for (const { text, range } of pools) {
    const found = range && nextIn(range, parseAddress(family, text), known, taken);
    if (found !== undefined) return found;
  }
  return "full";
}

function nextIn(
  range: AddressRange,
  written: HostAddress | undefined,
  known: readonly KnownAddress[],
  taken: ReadonlySet<bigint>,
): NextAddress | undefined {
  const neighbour = known.find(({ address }) => isInRange(address, range));
  const prefix = written?.prefix ?? neighbour?.address.prefix;
  if (prefix === undefined) return undefined;
  const gateway = known.find(
    (other) => other.gateway && isInRange(other.gateway, subnetOf(range, prefix)),
  )?.gateway;
  const { first, last } = subnetOf(range, prefix);
  // Routers have the first address more often than any other one.
  const unusable = new Set(gateway === undefined ? [first, first + 1n, last] : [first, last]);
  for (let value = range.first; value <= range.last; value += 1n) {
    if (taken.has(value) || unusable.has(value)) continue;
    return {
      address: `${textOf(range.family, value)}/${prefix}`,
      ...(gateway ? { gateway: gateway.text } : {}),
    };
  }
  return undefined;
}

/** The subnet around the beginning of a range. */
function subnetOf({ family, first }: AddressRange, prefix: number): AddressRange {
  const subnet = parseAddress(family, `${textOf(family, first)}/${prefix}`)?.subnet;
  if (subnet === undefined) throw new Error(`no subnet of /${prefix}`);
  return subnet;
}

function textOf(family: Family, value: bigint): string {
  return (family === "ipv4" ? Address4.fromBigInt(value) : Address6.fromBigInt(value)).correctForm();
}

function knownAddresses(fleet: Fleet, family: Family): KnownAddress[] {
  return specsOf(fleet)
    .flatMap(fixedAddresses)
    .flatMap(({ family: own, address, written }) => {
      if (own !== family || address === undefined) return [];
      const gateway = written.gateway === undefined ? undefined : parseAddress(family, written.gateway);
      return [{ address, gateway }];
    });
}

function takenValues(fleet: Fleet, family: Family, known: readonly KnownAddress[]): Set<bigint> {
  const servers = specsOf(fleet).flatMap(({ dns }) =>
    dns.servers.map((server) => parseAddress(family, server)),
  );
  const addresses = [...known.flatMap(({ address, gateway }) => [address, gateway]), ...servers];
  return new Set(addresses.flatMap((address) => (address === undefined ? [] : [address.value])));
}

function specsOf({ stacks }: Fleet) {
  return stacks.flatMap(({ machines }) => machines.map(({ spec }) => spec));
}
