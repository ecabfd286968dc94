import type { OsActionName, OsEvent, OsResultEvent, OsResults } from "../../pipeline/os/os-events.ts";
import { formatDuration } from "../format-duration.ts";
import { formatTable } from "../format-table.ts";
import type { Screen } from "../screen.ts";
import { type OsView, views } from "./views.ts";

type Paint = Screen["paint"];

/** The lines that tell an event of `nixherd os` to a person; undefined for events that only programs need. */
export function formatOsEvent(event: OsEvent, paint: Paint): string | undefined {
  switch (event.event) {
    case "os-begin":
      return undefined;
    case "os-machine":
      return undefined;
    case "os-result":
      return formatBody(event, paint);
    case "os-end":
      return formatEnd(event, paint);
  }
}

/** The result's own lines below the machine's name; nothing where the summary says it all. */
function formatBody(event: OsResultEvent, paint: Paint): string | undefined {
  const view = views[event.action] as OsView<OsResults[OsActionName]>;
  const lines = event.result === undefined ? [] : (view.body?.(event.result) ?? []);
  if (lines.length === 0) return undefined;
  const head = paint("bold", `${event.stack}  ${event.name} (${event.vmId})`);
  return [head, ...lines.map((line) => `  ${line}`.trimEnd())].join("\n");
}

const stateColours = { ok: "green", failed: "red", "not-begun": "yellow" } as const;

function formatEnd(
  { action, durationMs, results }: Extract<OsEvent, { event: "os-end" }>,
  paint: Paint,
): string {
  const { titles } = views[action];
  const head = ["STACK", "NAME", "VMID", "RESULT", "TIME", ...titles];
  const table = formatTable([head, ...results.map(rowOf)]);
  const lines = table.map((line, index) => colourState(line, results[index - 1], paint));
  const count = (state: OsResultEvent["state"]) => results.filter((result) => result.state === state).length;
  const parts = [
    `${count("ok")} ok`,
    ...(count("failed") === 0 ? [] : [`${count("failed")} failed`]),
    ...(count("not-begun") === 0 ? [] : [`${count("not-begun")} not begun`]),
  ];
  return [...lines, `${action}: ${parts.join(", ")} in ${formatDuration(durationMs)}`].join("\n");
}

function rowOf(event: OsResultEvent): string[] {
  const { stack, name, vmId, state, code, durationMs, action, result } = event;
  const view = views[action] as OsView<OsResults[OsActionName]>;
  const cells = result === undefined ? view.titles.map(() => "-") : view.cells(result);
  const time = state === "not-begun" ? "-" : formatDuration(durationMs);
  return [stack, name, String(vmId), code ?? (state === "not-begun" ? "not begun" : state), time, ...cells];
}

/** Colours after the columns were aligned: escapes have no width. */
function colourState(line: string, result: OsResultEvent | undefined, paint: Paint): string {
  if (result === undefined) return paint("dim", line);
  const word = result.code ?? (result.state === "not-begun" ? "not begun" : result.state);
  return line.replace(` ${word} `, ` ${paint(stateColours[result.state], word)} `);
}
