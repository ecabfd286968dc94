import type { Command } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";
import {
  allowancesOf,
  allowDestroyOption,
  allowPowerCycleOption,
  allowRecreateOption,
} from "./stack-options.ts";

const help = `
Examples:
  tofu show -json plan.tfplan > plan.json
  nixherd check-plan plan.json --stack prod
  tofu show -json plan.tfplan | nixherd check-plan - --stack prod

Exit code 0: the policy of vm-specs/_site.json has nothing against it. 4: it has; every objection is printed.
It judges as an unattended apply does: nobody is asked.`;

/** `nixherd check-plan` */
export function addCheckPlan(program: Command): void {
  program
    .command("check-plan")
    .description("Judge a plan of OpenTofu or Terraform by the policy; for Atlantis and other pipelines.")
    .argument("<file>", "what `tofu show -json` printed of the plan; - is stdin")
    .requiredOption("--stack <name>", "the stack that the plan is for")
    .addOption(allowDestroyOption())
    .addOption(allowPowerCycleOption())
    .addOption(allowRecreateOption())
    .option("--json", "print events as lines of JSON")
    .addHelpText("after", help)
    .action((file, { stack, json, ...options }) =>
      runSession({ json }, async (session) => {
        const { checkPlan } = await import("../pipeline/check-plan.ts");
        return checkPlan(session, { file, stack, allowances: allowancesOf(options) });
      }),
    );
}
