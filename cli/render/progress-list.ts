import { Listr, type ListrTask } from "listr2";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import { type ListItem, listItems } from "./list-item.ts";

/** A list on the terminal with one line per machine that redraws itself. */
export interface ProgressList {
  read(event: PipelineEvent): void;
  /** Resolves when the list stands still. */
  end(): Promise<void>;
}

/** Starts the list for the plans that are applied now. */
export function startProgressList(plans: readonly StackPlan[]): ProgressList {
  const stacks = plans.map(listItems);
  const items = stacks.flatMap((stack) => stack.items);
  const redraw = new Map<ListItem, () => void>();
  let setTitle = (_: string): void => undefined;
  const list = new Listr(
    [
      {
        title: `Applying ${stacks.map(({ stack }) => stack).join(", ")}`,
        task: (_, whole) => {
          setTitle = (title) => {
            whole.title = title;
          };
          const tasks = items.map((item) => taskOf(item, redraw));
          return whole.newListr(tasks, { concurrent: true, exitOnError: false });
        },
      },
    ],
    {
      // Interruptions are the command's business; the list only draws.
      registerSignalListeners: false,
      exitOnError: false,
      rendererOptions: { collapseSubtasks: false, formatOutput: "truncate" },
    },
  );
  const drawn = list.run();
  const close = (ended: readonly ListItem[]) => {
    for (const item of ended) item.close();
  };
  return {
    read(event) {
      if (event.event === "note") setTitle(event.text);
      if (event.event === "applied") close(stacks.find(({ stack }) => stack === event.stack)?.items ?? []);
      for (const item of items) if (item.read(event)) redraw.get(item)?.();
    },
    async end() {
      close(items);
      await drawn;
    },
  };
}

function taskOf(item: ListItem, redraw: Map<ListItem, () => void>): ListrTask {
  return {
    title: item.title,
    task: async (_, task) => {
      redraw.set(item, () => {
        task.output = item.doing();
      });
      const { state, title } = await item.ended;
      task.title = title;
      if (state === "not begun") task.skip(`${title}: not begun`);
      else if (state !== "complete") throw new Error(`${title}: ${state} (${item.doing()})`);
    },
  };
}
