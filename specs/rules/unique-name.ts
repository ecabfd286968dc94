import { findRepeated } from "../find-repeated.ts";
import { entryOf } from "../json.ts";
import type { CheckedMachine, Rule } from "../rule.ts";
import type { SiteSpec } from "../site-spec.ts";

/** No two machines of one DNS domain have the same name, whatever its capitals. */
export const uniqueName: Rule = {
  name: "unique-name",
  needsSite: true,
  *check({ machines, site }) {
    const named = machines.map((machine) => ({ machine, fullName: fullName(machine, site) }));
    for (const { first, again } of findRepeated(named, (entry) => entry.fullName)) {
      const message = `"${again.fullName}" is the name of ${first.machine.file} too (expected a name of its own in the domain)`;
      yield { machine: again.machine, pointer: "/name", message };
    }
  },
};

function fullName({ spec, stack }: CheckedMachine, site: SiteSpec): string {
  const domain = spec.dns.domain ?? entryOf(site.stacks, stack)?.domain;
  return (domain === undefined ? spec.name : `${spec.name}.${domain}`).toLowerCase();
}
