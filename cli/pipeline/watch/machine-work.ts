import type { Condition } from "../../../reconcile/watch/conditions.ts";
import type { MachinePlan } from "../../../terraform/stack-plan.ts";
import type { PipelineEvent } from "../events.ts";

type NewCondition = Omit<Condition, "since" | "revision">;

/** How far a run is with each machine, by what it tells. */
export interface MachineWork {
  /** True when the event says something about machines. */
  take(event: PipelineEvent): boolean;
  /** Undefined for a machine that the run does not touch. */
  during(vmId: number): NewCondition | undefined;
  /** The condition once the run ended with this condition of its stack. */
  after(vmId: number, ofStack: NewCondition): NewCondition | undefined;
}

const ready: NewCondition = { type: "Ready", reason: "Applied", message: "" };

/** A run of which nothing is known yet. */
export function beginMachineWork(): MachineWork {
  const planned = new Map<number, MachinePlan>();
  const finished = new Map<number, Set<string>>();
  const failed = new Set<number>();
  const isFinished = ({ vmId, action, nixos }: MachinePlan): boolean => {
    const parts = finished.get(vmId);
    const isMade = action === "none" || parts?.has("machine") === true;
    return !failed.has(vmId) && isMade && (nixos === "none" || parts?.has("nixos") === true);
  };
  return {
    take(event) {
      if (event.event === "plan")
        for (const machine of event.plan.machines) planned.set(machine.vmId, machine);
      else if (event.event === "machine" && event.state === "complete")
        finished.set(event.vmId, (finished.get(event.vmId) ?? new Set()).add(event.part));
      else if (event.event === "machine" && event.state === "failed") failed.add(event.vmId);
      else return event.event === "applying" || event.event === "machine";
      return true;
    },
    during(vmId) {
      const machine = planned.get(vmId);
      if (machine === undefined) return undefined;
      if (isFinished(machine)) return ready;
      return { type: "Reconciling", reason: "Applying", message: "" };
    },
    after(vmId, ofStack) {
      if (ofStack.type === "Ready") return ready;
      const machine = planned.get(vmId);
      if (machine === undefined) return undefined;
      return isFinished(machine) ? ready : ofStack;
    },
  };
}
