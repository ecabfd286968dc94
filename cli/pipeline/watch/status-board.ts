import {
  type Condition,
  type MachineStatus,
  nextCondition,
  type StackStatus,
  type WatchStatus,
} from "../../../reconcile/watch/conditions.ts";
import type { Watcher } from "../../../reconcile/watch/watcher-lock.ts";
import type { PipelineEvent } from "../events.ts";
import { beginMachineWork, type MachineWork } from "./machine-work.ts";

type NewCondition = Omit<Condition, "since" | "revision">;

/** A machine that a stack's configuration describes. */
export interface KnownMachine {
  readonly vmId: number;
  readonly name: string;
}

/** The conditions of everything that the watcher works on. */
export interface StatusBoard {
  /** All stacks that there are, and their machines; forgets the others. */
  know(stacks: ReadonlyMap<string, readonly KnownMachine[]>, revision: string): void;
  suspend(stacks: ReadonlySet<string>): void;
  setGit(condition: NewCondition & { readonly revision: string }): void;
  /** The condition of a stack; its machines follow it unless they were told apart by a run. */
  set(stack: string, condition: NewCondition): void;
  /** A run of the stack begins: its events tell its machines apart. */
  begin(stack: string): void;
  takeEvent(stack: string, event: PipelineEvent): void;
  /** The run ended; machines that it finished are ready, whatever became of the others. */
  end(stack: string, condition: NewCondition): void;
  stackOf(stack: string): StackStatus | undefined;
  status(): WatchStatus;
}

interface Entry {
  status: StackStatus;
  work: MachineWork | undefined;
}

/** An empty board; `onChange` is called after every change, with the stack whose own condition became another one. */
export function createStatusBoard(
  watcher: Pick<Watcher, "pid" | "startedAt">,
  onChange: (changed: StackStatus | undefined) => void,
): StatusBoard {
  const entries = new Map<string, Entry>();
  let suspended: ReadonlySet<string> = new Set();
  let revision = "";
  let git: Condition | null = null;

  const update = (stack: string, next: Partial<StackStatus>): void => {
    const entry = entries.get(stack);
    if (entry === undefined) return;
    const before = entry.status;
    entry.status = { ...before, ...next };
    const isOther = before.type !== entry.status.type || before.reason !== entry.status.reason;
    onChange(isOther ? entry.status : undefined);
  };
  const conditionOf = (last: Condition | undefined, next: NewCondition): Condition =>
    nextCondition(last, { ...next, revision }, new Date());

  function knowStack(stack: string, machines: readonly KnownMachine[]): void {
    const first = conditionOf(undefined, { type: "Reconciling", reason: "ChangeSeen", message: "" });
    const entry = entries.get(stack) ?? {
      status: { stack, ...first, isSuspended: suspended.has(stack), lastReadyAt: null, machines: [] },
      work: undefined,
    };
    const former = new Map(entry.status.machines.map((machine) => [machine.vmId, machine]));
    const known = machines.map(({ vmId, name }) => ({ ...(former.get(vmId) ?? first), vmId, name }));
    entries.set(stack, { ...entry, status: { ...entry.status, machines: known } });
  }

  function setMachines(stack: string, choose: (machine: MachineStatus) => NewCondition | undefined): void {
    const machines = entries.get(stack)?.status.machines ?? [];
    update(stack, {
      machines: machines.map((machine) => {
        const next = choose(machine);
        return next === undefined ? machine : { ...machine, ...conditionOf(machine, next) };
      }),
    });
  }

  function set(stack: string, condition: NewCondition): void {
    const lastReadyAt = condition.type === "Ready" ? { lastReadyAt: new Date().toISOString() } : {};
    update(stack, { ...conditionOf(entries.get(stack)?.status, condition), ...lastReadyAt });
  }

  return {
    know(stacks, newRevision) {
      revision = newRevision;
      for (const stack of entries.keys()) if (!stacks.has(stack)) entries.delete(stack);
      for (const [stack, machines] of stacks) knowStack(stack, machines);
      onChange(undefined);
    },
    suspend(stacks) {
      suspended = stacks;
      for (const stack of entries.keys()) update(stack, { isSuspended: stacks.has(stack) });
    },
    setGit(condition) {
      git = nextCondition(git ?? undefined, condition, new Date());
      onChange(undefined);
    },
    set(stack, condition) {
      set(stack, condition);
      setMachines(stack, () => condition);
    },
    begin(stack) {
      const entry = entries.get(stack);
      if (entry !== undefined) entry.work = beginMachineWork();
    },
    takeEvent(stack, event) {
      const work = entries.get(stack)?.work;
      if (work === undefined || !work.take(event)) return;
      if (event.event === "applying")
        set(stack, { type: "Reconciling", reason: "Applying", message: "A plan is being applied." });
      setMachines(stack, ({ vmId }) => work.during(vmId));
    },
    end(stack, condition) {
      const work = entries.get(stack)?.work;
      set(stack, condition);
      setMachines(stack, ({ vmId }) => (work === undefined ? condition : work.after(vmId, condition)));
    },
    stackOf: (stack) => entries.get(stack)?.status,
    status: () => ({
      pid: watcher.pid,
      startedAt: watcher.startedAt,
      updatedAt: new Date().toISOString(),
      revision,
      git,
      stacks: [...entries.values()]
        .map(({ status }) => status)
        .toSorted((left, right) => (left.stack < right.stack ? -1 : 1)),
    }),
  };
}
