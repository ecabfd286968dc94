import type { StackPlan } from "../../terraform/stack-plan.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import { type ProgressList, startProgressList } from "./progress-list.ts";
import { reportLines } from "./report-lines.ts";
import type { Reporter } from "./reporter.ts";
import type { Screen } from "./screen.ts";

/** Lines of the terminal that the list leaves free. */
const spareRows = 4;

/** Events that are told below the list, when it stands still. */
const toldAfterwards: ReadonlySet<PipelineEvent["event"]> = new Set(["applied", "error"]);

/**
 * As `reportLines`, but plans that are applied show as a list with one line per machine that redraws itself.
 * A list that would not fit on the screen becomes plain lines.
 */
export function reportList(screen: Screen): Reporter {
  const lines = reportLines(screen);
  const plans = new Map<string, StackPlan>();
  const afterwards: PipelineEvent[] = [];
  let list: ProgressList | undefined;
  return {
    report(event) {
      if (event.event === "plan") plans.set(event.stack, event.plan);
      if (event.event === "applying") {
        const applied = event.stacks.flatMap((stack) => plans.get(stack) ?? []);
        list = fits(applied, screen) ? startProgressList(applied) : undefined;
      }
      if (list === undefined) lines.report(event);
      else if (toldAfterwards.has(event.event)) afterwards.push(event);
      list?.read(event);
    },
    async close() {
      await list?.end();
      list = undefined;
      for (const event of afterwards.splice(0)) lines.report(event);
    },
  };
}

function fits(plans: readonly StackPlan[], { rows }: Screen): boolean {
  const items = plans.reduce((sum, { machines, others }) => sum + machines.length + others.length, 0);
  // Each line may have a second one below it that says what is being done.
  return 2 * items + spareRows <= rows;
}
