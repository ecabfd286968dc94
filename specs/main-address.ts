import type { VmSpec } from "./vm-spec.ts";

/** Where a machine answers: the first fixed address of its spec, IPv4 before IPv6, without its prefix. Undefined if it has none. */
export function mainAddress({ networks }: Pick<VmSpec, "networks">): string | undefined {
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const network of networks) {
      const ip = network[family];
      if (ip !== undefined && "address" in ip) return ip.address.split("/")[0];
    }
  }
  return undefined;
}
