import { findLengthProblem, findNameProblem } from "../name-problem.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A machine's name and its search domain are DNS names within DNS's limits; the server lets longer ones pass. */
export const dnsName: Rule = {
  name: "dns-name",
  check: eachMachine(function* ({ spec }) {
    const { domain } = spec.dns;
    const wrong = findNameProblem(spec.name) ?? findLengthProblem(`${spec.name}.${domain ?? ""}`);
    if (wrong !== undefined) yield { pointer: "/name", message: wrong };
    const wrongDomain = domain === undefined ? undefined : findNameProblem(domain);
    if (wrongDomain !== undefined) yield { pointer: "/dns/domain", message: wrongDomain };
  }),
};
