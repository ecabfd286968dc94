import type { Problem } from "../lib/problem.ts";
import { placeInLayers } from "./layers.ts";
import type { CheckedMachine, Finding, RuleInput } from "./rule.ts";
import { rules } from "./rules.ts";

/** A problem, and the machine it was found in if it does not stand in that machine's own file. */
interface Placed {
  readonly problem: Problem;
  readonly heir?: CheckedMachine;
}

/** Runs every rule that the input allows; findings become problems at the place where the offending value was written. */
export function checkRules(input: RuleInput, siteIsReadable: boolean): Problem[] {
  const placed = rules
    .filter(({ needsSite }) => siteIsReadable || needsSite !== true)
    .flatMap(({ name, check }) => [...check(input)].map((finding) => place(name, finding)));
  const grouped = Map.groupBy(placed, ({ problem }) => JSON.stringify(problem));
  return [...grouped.values()].map(nameHeirs);
}

function place(rule: string, finding: Finding): Placed {
  const { message, pointer, severity = "error" } = finding;
  const problem = { rule, severity, message } as const;
  if ("file" in finding) return { problem: { file: finding.file, pointer, ...problem } };
  const { machine } = finding;
  const where = placeInLayers(machine.layers, pointer);
  return { problem: { ...where, ...problem }, ...(where.file === machine.file ? {} : { heir: machine }) };
}

/** One problem for all machines that inherit one value, with the machines it was found in. */
function nameHeirs(group: readonly Placed[]): Problem {
  const [{ problem }] = group as [Placed];
  const heirs = group.flatMap(({ heir }) => heir?.file ?? []);
  if (heirs[0] === undefined) return problem;
  const others = heirs.length === 1 ? "" : ` and ${heirs.length - 1} more`;
  return { ...problem, message: `${problem.message}; found in ${heirs[0]}${others}` };
}
