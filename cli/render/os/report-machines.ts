import type { PipelineEvent } from "../../pipeline/events.ts";
import { reportLines } from "../report-lines.ts";
import type { Reporter } from "../reporter.ts";
import type { Screen } from "../screen.ts";
import { type MachineList, startMachineList } from "./machine-list.ts";

/** Lines of the terminal that the list leaves free. */
const spareRows = 4;

/** Events that the list shows itself. */
const shownInList: ReadonlySet<PipelineEvent["event"]> = new Set([
  "os-machine",
  "phase",
  "hook-line",
  "note",
]);

/**
 * As `reportLines`, but while a command works on machines they show as a list with one line each that redraws itself.
 * What was found out comes below it. A list that would not fit on the screen becomes plain lines.
 */
export function reportMachines(screen: Screen): Reporter {
  const lines = reportLines(screen);
  const afterwards: PipelineEvent[] = [];
  let list: MachineList | undefined;
  return {
    report(event) {
      if (event.event === "os-begin" && 2 * event.machines.length + spareRows <= screen.rows) {
        list = startMachineList(event.action, event.machines);
      }
      if (list === undefined) return lines.report(event);
      list.read(event);
      if (!shownInList.has(event.event)) afterwards.push(event);
    },
    async close() {
      await list?.end();
      list = undefined;
      for (const event of afterwards.splice(0)) lines.report(event);
    },
  };
}
