import { apply } from "../../terraform/apply.ts";
import type { TerraformEvent } from "../../terraform/apply-events.ts";
import { machineOfAddress } from "../../terraform/machine-address.ts";
import {
  type ProgressTracker,
  type ResourceProgress,
  trackProgress,
} from "../../terraform/resource-progress.ts";
import type { PipelineContext } from "./context.ts";
import type { MachineDurations, PipelineEvent } from "./events.ts";
import { type HookPhase, readHookPhase } from "./hook-phases.ts";
import type { PlannedStack } from "./plan-stack.ts";

/** Applies a stack's saved plan and tells how far each machine is. */
export async function applyStack(
  { name, folder, plan, planFile }: PlannedStack,
  parallelism: number,
  { report, unfinished }: PipelineContext,
): Promise<void> {
  const startedAtMs = performance.now();
  const tracker = trackProgress();
  const names = new Map(plan.machines.map((machine) => [machine.vmId, machine.name]));
  const phases = new Map<number, HookPhase[]>();
  const describe = describer(name, names, tracker);
  const tellUnfinished = () => runningWork(name, names, tracker);
  const tellApplied = (isComplete: boolean) => {
    const durationMs = Math.round(performance.now() - startedAtMs);
    const machines = durationsOf(names, tracker, phases);
    report({ event: "applied", stack: name, isComplete, durationMs, machines });
  };
  unfinished.add(tellUnfinished);
  try {
    await apply(folder, { planFile, parallelism }, (event) => {
      tracker.read(event);
      const told = describe(event);
      if (told === undefined) return;
      if (told.event === "phase") phases.set(told.vmId, [...(phases.get(told.vmId) ?? []), told]);
      report(told);
    });
    tellApplied(true);
  } catch (error) {
    tellApplied(false);
    throw error;
  } finally {
    unfinished.delete(tellUnfinished);
  }
}

/** What is told about an event of Terraform; undefined for what nobody needs to know. */
function describer(stack: string, names: ReadonlyMap<number, string>, tracker: ProgressTracker) {
  return (event: TerraformEvent): PipelineEvent | undefined => {
    if (event.type === "provisioner-output") return describeHookLine(event.address, event.line);
    if (event.type !== "resource" || event.state === "running") return undefined;
    const { address, action } = event;
    const state = event.state === "started" ? "running" : event.state;
    const durationMs = tracker.all().find((entry) => entry.address === address)?.durationMs ?? 0;
    const owner = machineOfAddress(address);
    if (owner === undefined) return { event: "resource", stack, address, state, action, durationMs };
    const { vmId, part } = owner;
    // It is a note in the state, and no work.
    if (part === "policy") return undefined;
    return { event: "machine", stack, vmId, name: nameOf(vmId, names), part, state, action, durationMs };
  };

  function describeHookLine(address: string, line: string): PipelineEvent | undefined {
    const owner = machineOfAddress(address);
    // Terraform announces the command, which the configuration shows already.
    if (owner === undefined || line.startsWith("Executing: [")) return undefined;
    const machine = { stack, vmId: owner.vmId, name: nameOf(owner.vmId, names) };
    const phase = readHookPhase(line);
    return phase === undefined
      ? { event: "hook-line", ...machine, line }
      : { event: "phase", ...machine, ...phase };
  }
}

function nameOf(vmId: number, names: ReadonlyMap<number, string>): string {
  return names.get(vmId) ?? `vm-${vmId}`;
}

function runningWork(stack: string, names: ReadonlyMap<number, string>, tracker: ProgressTracker): string[] {
  const running = tracker.all().filter(({ state }) => state === "running");
  if (running.length === 0) return [`${stack}: Terraform is saving the state`];
  return running.map(({ address, action, durationMs, lastLine }) => {
    const owner = machineOfAddress(address);
    const what = owner === undefined ? address : `${nameOf(owner.vmId, names)} (${owner.vmId})`;
    const doing = owner?.part === "nixos" ? "NixOS step" : action;
    const words = lastLine === "" ? "" : `: ${lastLine}`;
    return `${stack}: ${what}, ${doing} for ${Math.round(durationMs / 1000)} s${words}`;
  });
}

function durationsOf(
  names: ReadonlyMap<number, string>,
  tracker: ProgressTracker,
  phases: ReadonlyMap<number, readonly HookPhase[]>,
): MachineDurations[] {
  const byMachine = Map.groupBy(tracker.all(), ({ address }) => machineOfAddress(address)?.vmId);
  const durations = [...byMachine].flatMap(([vmId, resources]) => {
    if (vmId === undefined) return [];
    const ended = (phases.get(vmId) ?? []).filter(({ state }) => state === "ok" || state === "fail");
    return {
      vmId,
      name: nameOf(vmId, names),
      ...durationOf("machine", "machineMs", resources),
      ...durationOf("nixos", "nixosMs", resources),
      phases: ended.map(({ phase, durationMs }) => ({ phase, durationMs })),
    };
  });
  return durations.toSorted((left, right) => left.vmId - right.vmId);
}

function durationOf<Key extends string>(
  part: "machine" | "nixos",
  key: Key,
  resources: readonly ResourceProgress[],
): Partial<Record<Key, number>> {
  // The end of an old NixOS step is no step of this apply.
  const found = resources.find(
    ({ address, action }) =>
      machineOfAddress(address)?.part === part && !(part === "nixos" && action === "delete"),
  );
  return found === undefined ? {} : ({ [key]: found.durationMs } as Record<Key, number>);
}
