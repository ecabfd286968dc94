import { BlockList, isIP } from "node:net";

const special = new BlockList();
special.addAddress("0.0.0.0", "ipv4");
special.addSubnet("127.0.0.0", 8, "ipv4");
special.addSubnet("169.254.0.0", 16, "ipv4");
special.addSubnet("224.0.0.0", 4, "ipv4");
special.addAddress("255.255.255.255", "ipv4");
special.addAddress("::", "ipv6");
special.addAddress("::1", "ipv6");
special.addSubnet("fe80::", 10, "ipv6");
special.addSubnet("ff00::", 8, "ipv6");

/** Whether others can reach the address: not loopback, link-local, multicast, broadcast or unspecified. */
export function isGlobalUnicast(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !special.check(address, family === 4 ? "ipv4" : "ipv6");
}
