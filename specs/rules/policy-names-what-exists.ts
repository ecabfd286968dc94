import { didYouMean } from "../did-you-mean.ts";
import { pointerOf } from "../json.ts";
import type { Finding, Rule, RuleInput } from "../rule.ts";
import type { MaintenanceWindow } from "../schema/site-policy.ts";

/** The policy's checks can be run, its stacks exist, its time zones are known: a misspelled one would guard nothing. */
export const policyNamesWhatExists: Rule = {
  name: "policy-names-what-exists",
  needsSite: true,
  *check(input) {
    yield* checksThatCannotRun(input);
    yield* unknownStacks(input);
    yield* unknownTimeZones(input);
  },
};

function* checksThatCannotRun({ site, siteFile: file, findFile }: RuleInput): Iterable<Finding> {
  for (const [index, path] of site.policy.checks.entries()) {
    const pointer = pointerOf(["policy", "checks", index]);
    const found = findFile(path);
    if ("problem" in found) yield { file, pointer, message: `"${path}" ${found.problem}` };
    else if (!path.endsWith(".ts") && !found.isExecutable)
      yield {
        file,
        pointer,
        message: `"${path}" is not executable (expected a .ts file, or one that may be run: chmod +x ${path})`,
      };
  }
}

function* unknownStacks({ site, siteFile: file, stacks }: RuleInput): Iterable<Finding> {
  for (const [index, name] of site.policy.neverDestroyStacks.entries()) {
    if (stacks.includes(name)) continue;
    const message = `no stack is called "${name}"${didYouMean(name, stacks) || ` (expected a folder vm-specs/${name})`}`;
    // The folder may have been removed on purpose: its state is still guarded.
    yield { file, pointer: pointerOf(["policy", "neverDestroyStacks", index]), message, severity: "warning" };
  }
}

function* unknownTimeZones({ site, siteFile: file, machines }: RuleInput): Iterable<Finding> {
  yield* timeZonesIn(site.policy.maintenanceWindows).map((said) => ({ ...said, file }));
  for (const machine of machines) {
    yield* timeZonesIn(machine.spec.policy.maintenanceWindows ?? []).map((said) => ({ ...said, machine }));
  }
}

function timeZonesIn(windows: readonly MaintenanceWindow[]): { pointer: string; message: string }[] {
  return windows.flatMap(({ timeZone }, index) =>
    isTimeZone(timeZone)
      ? []
      : {
          pointer: pointerOf(["policy", "maintenanceWindows", index, "timeZone"]),
          message: `"${timeZone}" is no time zone (expected a name such as "Europe/Berlin" or "UTC")`,
        },
  );
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
