import { Listr, type ListrTask } from "listr2";
import type { PipelineEvent } from "../../pipeline/events.ts";
import type { OsResultEvent } from "../../pipeline/os/os-events.ts";
import { formatDuration } from "../format-duration.ts";

/** A list on the terminal with one line per machine that redraws itself. */
export interface MachineList {
  read(event: PipelineEvent): void;
  /** Resolves when the list stands still. */
  end(): Promise<void>;
}

interface ListedMachine {
  readonly stack: string;
  readonly vmId: number;
  readonly name: string;
}

interface Item extends ListedMachine {
  readonly ended: Promise<OsResultEvent | undefined>;
  readonly end: (result: OsResultEvent | undefined) => void;
  redraw: (doing: string) => void;
}

/** Starts the list for machines that a command works on now. */
export function startMachineList(title: string, machines: readonly ListedMachine[]): MachineList {
  const items = machines.map(itemOf);
  let setTitle = (_: string): void => undefined;
  const list = new Listr(
    [
      {
        title,
        task: (_, whole) => {
          setTitle = (text) => {
            whole.title = text;
          };
          return whole.newListr(items.map(taskOf), { concurrent: true, exitOnError: false });
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
  return {
    read(event) {
      if (event.event === "note") setTitle(event.text);
      if (!("vmId" in event)) return;
      const item = items.find(({ vmId }) => vmId === event.vmId);
      if (event.event === "os-result") item?.end(event);
      const doing = doingOf(event);
      if (doing !== undefined) item?.redraw(doing);
    },
    async end() {
      for (const item of items) item.end(undefined);
      await drawn;
    },
  };
}

function itemOf(machine: ListedMachine): Item {
  const { promise, resolve } = Promise.withResolvers<OsResultEvent | undefined>();
  return { ...machine, ended: promise, end: resolve, redraw: () => undefined };
}

function doingOf(event: PipelineEvent): string | undefined {
  if (event.event === "os-machine") return event.doing;
  if (event.event === "phase") return `${event.phase} ${event.state}`;
  return event.event === "hook-line" ? event.line : undefined;
}

function taskOf(item: Item): ListrTask {
  const title = `${item.stack}  ${item.name} (${item.vmId})`;
  return {
    title,
    task: async (_, task) => {
      item.redraw = (doing) => {
        task.output = doing;
      };
      const result = await item.ended;
      if (result === undefined || result.state === "not-begun") return task.skip(`${title}: not begun`);
      task.title = `${title}  ${formatDuration(result.durationMs)}`;
      if (result.state === "failed") throw new Error(`${task.title}: ${result.code ?? "failed"}`);
    },
  };
}
