import { readFile } from "node:fs/promises";
import { text as readText } from "node:stream/consumers";
import { NixherdError } from "../../lib/errors.ts";
import type { Allowances } from "../../reconcile/judge-plan.ts";
import { siteFile } from "../../specs/list-spec-files.ts";
import { readSite } from "../../specs/read-site.ts";
import type { PlanJson } from "../../terraform/show.ts";
import { summarizePlan } from "../../terraform/stack-plan.ts";
import { sumUpPlan } from "../../terraform/sum-up-plan.ts";
import type { PipelineContext } from "./context.ts";
import { objectionsTo } from "./judge-stacks.ts";
import { refuseMovedSpec } from "./refuse-moved-specs.ts";

interface PlanToCheck {
  /** Path of the plan's JSON; "-" is stdin. */
  readonly file: string;
  readonly stack: string;
  readonly allowances: Allowances;
}

/**
 * Judges a plan that somebody else made, as an unattended apply would.
 * @throws SPEC_MOVED, PLAN_HELD with every objection, USAGE when the file is no plan, POLICY_CHECK_FAILED
 */
export async function checkPlan(
  context: PipelineContext,
  { file, stack, allowances }: PlanToCheck,
): Promise<number> {
  const { root, report } = context;
  const { site } = readSite(root, siteFile);
  const planJson = await readPlan(file);
  const plan = summarizePlan({ stack, isDestroy: false, hasChanges: true }, planJson);
  refuseMovedSpec(plan, root);
  const occasion = { isAttended: false, now: new Date(), allowances };
  const objections = await objectionsTo({ plan, planJson }, site, occasion, context);
  if (objections.length === 0) {
    report({
      event: "note",
      text: `The policy has nothing against the plan of ${stack} (${sumUpPlan(plan)}).`,
    });
    return 0;
  }
  throw new NixherdError("PLAN_HELD", {
    message: `The policy has objections to the plan of ${stack} (${sumUpPlan(plan)}):\n${objections.map(({ message }) => message).join("\n")}`,
    hint: "Change the specs or the policy, or allow it for this run with the options of nixherd check-plan --help.",
  });
}

async function readPlan(file: string): Promise<PlanJson> {
  const text = file === "-" ? await readText(process.stdin) : await readFile(file, "utf8");
  try {
    const plan = JSON.parse(text) as PlanJson & { readonly format_version?: unknown };
    if (typeof plan.format_version === "string") return plan;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new NixherdError("USAGE", {
    message: `${file === "-" ? "What came on stdin" : file} is no plan in JSON.`,
    hint: "Write it with tofu show -json <plan file>, or terraform show -json.",
  });
}
