import { parseAddress } from "../address.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** Name servers are given as addresses: a name could not be looked up without one. */
export const dnsServersAreAddresses: Rule = {
  name: "dns-servers-are-addresses",
  check: eachMachine(function* ({ spec }) {
    for (const [index, server] of spec.dns.servers.entries()) {
      const address = parseAddress("ipv4", server) ?? parseAddress("ipv6", server);
      if (address !== undefined && !server.includes("/")) continue;
      const message = `is no address (expected one without prefix such as "192.0.2.53", got ${JSON.stringify(server)})`;
      yield { pointer: `/dns/servers/${index}`, message };
    }
  }),
};
