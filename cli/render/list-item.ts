import type { MachinePlan, OtherPlan, StackPlan } from "../../terraform/stack-plan.ts";
import type { PipelineEvent } from "../pipeline/events.ts";
import { formatDuration } from "./format-duration.ts";

/** How one line of the progress list ended. */
type ItemEnd = {
  readonly state: "complete" | "failed" | "not begun" | "unfinished";
  readonly title: string;
};

/** One line of the progress list: a machine or another resource of a plan. */
export interface ListItem {
  readonly title: string;
  /** Takes an event in; true when the item changed. */
  read(event: PipelineEvent): boolean;
  /** What it does at the moment; "" before it began. */
  doing(): string;
  /** The stack's apply has ended: whatever is not complete by now does not become it any more. */
  close(): void;
  /** Resolves when everything planned for the item is done, failed, or will not be done. */
  readonly ended: Promise<ItemEnd>;
}

/** The items of a stack's plan, in the plan's order. */
export function listItems({ stack, machines, others }: StackPlan): { stack: string; items: ListItem[] } {
  const items = [
    ...machines.map((machine) => machineItem(stack, machine)),
    ...others.map((other) => otherItem(stack, other)),
  ];
  return { stack, items };
}

/** The step that ends each action: a replacement ends with the making of the new one. */
const lastStep: Readonly<Record<string, string>> = {
  create: "create",
  replace: "create",
  update: "update",
  destroy: "delete",
};

function machineItem(stack: string, { vmId, name, action, nixos }: MachinePlan): ListItem {
  const machineStep = lastStep[action];
  const awaited = [
    ...(machineStep === undefined ? [] : [`machine ${machineStep}`]),
    ...(nixos === "none" ? [] : ["nixos create"]),
  ];
  return item(`${stack}  ${name} (${vmId})`, awaited, (event) => {
    if (!("vmId" in event) || event.stack !== stack || event.vmId !== vmId) return undefined;
    if (event.event === "hook-line") return { doing: event.line };
    if (event.event === "phase") return { doing: `${event.phase} ${event.state}` };
    if (event.event !== "machine") return undefined;
    const step = `${event.part} ${event.action}`;
    return { ...event, step, doing: event.part === "nixos" ? "NixOS step" : event.action };
  });
}

function otherItem(stack: string, { address, action }: OtherPlan): ListItem {
  const step = lastStep[action];
  return item(`${stack}  ${address}`, step === undefined ? [] : [step], (event) => {
    if (event.event !== "resource" || event.stack !== stack || event.address !== address) return undefined;
    return { ...event, step: event.action, doing: event.action };
  });
}

interface Progress {
  readonly doing: string;
  /** The machine or its NixOS step; absent for what is one thing only. */
  readonly part?: string;
  readonly step?: string;
  readonly state?: string;
  /** Since the part's first step began. */
  readonly durationMs?: number;
}

function item(
  title: string,
  steps: readonly string[],
  progressOf: (event: PipelineEvent) => Progress | undefined,
): ListItem {
  const awaited = new Set(steps);
  const { promise: ended, resolve } = Promise.withResolvers<ItemEnd>();
  let doing = "";
  const durationsMs = new Map<string, number>();
  const end = (state: ItemEnd["state"]) => {
    const totalMs = [...durationsMs.values()].reduce((sum, partMs) => sum + partMs, 0);
    resolve({ state, title: totalMs === 0 ? title : `${title}  ${formatDuration(totalMs)}` });
  };
  if (awaited.size === 0) end("complete");
  return {
    title,
    ended,
    doing: () => doing,
    close: () => end(doing === "" ? "not begun" : "unfinished"),
    read(event) {
      const progress = progressOf(event);
      if (progress === undefined) return false;
      doing = progress.doing;
      if (progress.durationMs !== undefined) durationsMs.set(progress.part ?? "", progress.durationMs);
      if (progress.state === "failed") end("failed");
      if (progress.state === "complete" && awaited.delete(progress.step ?? "") && awaited.size === 0)
        end("complete");
      return true;
    },
  };
}
