import { type Family, type HostAddress, parseAddress } from "./address.ts";
import type { Network } from "./vm-spec.ts";

const families = ["ipv4", "ipv6"] as const satisfies readonly Family[];

/** A fixed address as an interface has it. */
export interface FixedAddress {
  readonly family: Family;
  /** Of the object that holds address and gateway. */
  readonly pointer: string;
  readonly written: { readonly address: string; readonly gateway?: string };
  /** Undefined if it is no address of its family. */
  readonly address: HostAddress | undefined;
}

/** The fixed addresses of all interfaces, in order. */
export function fixedAddresses({ networks }: { readonly networks: readonly Network[] }): FixedAddress[] {
  return networks.flatMap((network, index) =>
    families.flatMap((family) => {
      const written = network[family];
      if (written === undefined || !("address" in written)) return [];
      const address = parseAddress(family, written.address);
      return [{ family, pointer: `/networks/${index}/${family}`, written, address }];
    }),
  );
}
