import { Address4, Address6 } from "ip-address";

export type Family = "ipv4" | "ipv6";

/** A range of addresses of one family, both ends included. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** An address with the subnet that its prefix gives; without prefix the subnet is the address alone. */
export interface HostAddress {
  readonly family: Family;
  /** The canonical form without prefix: two spellings of one address are equal here. */
  readonly text: string;
  readonly value: bigint;
  readonly prefix: number;
  readonly subnet: AddressRange;
  /** A kind of address that no machine can have for itself, if it is one. */
  readonly special: "unspecified" | "loopback" | "multicast" | "link-local" | undefined;
}

/** Reads "10.0.20.11/24" or "10.0.20.1"; undefined if the text is no address of that family. */
export function parseAddress(family: Family, text: string): HostAddress | undefined {
  const address = parse(family, text);
  if (address === undefined) return undefined;
  return {
    family,
    text: address.correctForm(),
    value: address.bigInt(),
    prefix: address.subnetMask,
    subnet: { family, first: address.startAddress().bigInt(), last: address.endAddress().bigInt() },
    special: specialKind(address),
  };
}

/** Tells whether an address lies in a range of its own family. */
export function isInRange(address: HostAddress, range: AddressRange): boolean {
  return address.family === range.family && range.first <= address.value && address.value <= range.last;
}

function parse(family: Family, text: string): Address4 | Address6 | undefined {
  if (family === "ipv4") return Address4.isValid(text) ? new Address4(text) : undefined;
  // A zone ("%eth0") names an interface of one host, so it means nothing in a spec.
  return Address6.isValid(text) && !text.includes("%") ? new Address6(text) : undefined;
}

function specialKind(address: Address4 | Address6): HostAddress["special"] {
  if (address.isUnspecified()) return "unspecified";
  if (address.isLoopback()) return "loopback";
  if (address.isMulticast()) return "multicast";
  return address.isLinkLocal() ? "link-local" : undefined;
}
