import { changedAttributes } from "./changed-attributes.ts";
import { machineOfAddress, machineType } from "./machine-address.ts";
import { type PowerEffect, powerEffect } from "./power-effect.ts";
import type { PlanJson, PlannedChange } from "./show.ts";

/** What a plan does to a resource. "forget" takes it out of the state and leaves it running. */
export type PlannedAction = "none" | "create" | "update" | "replace" | "destroy" | "forget";

/** Whether a machine's NixOS step runs: for the first time, because something changed, or again because it failed. */
export type NixosStep = "none" | "first" | "changed" | "repeated";

/** What a plan does to one machine. */
export interface MachinePlan {
  readonly vmId: number;
  readonly name: string;
  readonly node: string;
  readonly action: PlannedAction;
  readonly nixos: NixosStep;
  /** Attributes that an update or a replacement changes; names only. */
  readonly changedAttributes: readonly string[];
  /** Attributes that will be known after the apply only. */
  readonly unknownAttributes: readonly string[];
  /** What an update does to the machine's power; "none" with every other action. */
  readonly power: PowerEffect;
  /** The changed attributes that a power cycle, or a reboot later, is needed for. */
  readonly powerBecauseOf: readonly string[];
  /** Attributes that force a replacement. */
  readonly replacedBecauseOf: readonly string[];
  /** Terraform's own reason, such as "replace_because_tainted"; absent when it gives none. */
  readonly reason?: string;
  /** Tags after the apply, sorted as the cluster has them. */
  readonly tags: readonly string[];
  /** Proxmox VE refuses to remove it at the moment. */
  readonly isProtected: boolean;
  /** It is in the state and the cluster did not show it: deleted outside, or hidden from the token. */
  readonly isGone: boolean;
  /** It is made anew because its making failed halfway: nobody uses it yet. */
  readonly isUnfinished: boolean;
  /** The name that it has until the apply, where that changes. */
  readonly renamedFrom?: string;
  /** It would be destroyed, and one of the same name made with this VMID: somebody changed the spec's vmId. */
  readonly renumberedAs?: number;
  /** Its own policy, as the state has it and as the spec says; absent when neither has any. */
  readonly policy?: PlannedPolicy;
}

/** What plans may do to a machine (`policy` of its spec) before and after the apply; {} where it has none. */
export interface PlannedPolicy {
  readonly isChanged: boolean;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** What a plan does to a resource that is no machine. */
export interface OtherPlan {
  readonly address: string;
  readonly action: PlannedAction;
  readonly changedAttributes: readonly string[];
}

/** What a plan does to a stack, in a form that a policy can judge and that holds no values. */
export interface StackPlan {
  readonly stack: string;
  readonly isDestroy: boolean;
  /** False when an apply would change nothing, outputs included. */
  readonly hasChanges: boolean;
  /** Machines that something happens to, by vmId. */
  readonly machines: readonly MachinePlan[];
  /** Other resources that something happens to, by address. */
  readonly others: readonly OtherPlan[];
  /** Names of the outputs that change. */
  readonly outputs: readonly string[];
  /** Machines that the state knows before the apply. */
  readonly machineCount: number;
}

interface PlanFacts {
  readonly stack: string;
  readonly isDestroy: boolean;
  /** What the plan's exit code said. */
  readonly hasChanges: boolean;
  /** VMIDs of machines whose making was begun and not seen to end. Defaults to none. */
  readonly begun?: ReadonlySet<number>;
}

/** Sums a plan up per machine. */
export function summarizePlan({ begun, ...facts }: PlanFacts, plan: PlanJson): StackPlan {
  const managed = (plan.resource_changes ?? []).filter(({ mode }) => mode === "managed");
  const gone = new Set((plan.resource_drift ?? []).filter(isDeletion).map(({ address }) => address));
  const nixosSteps = new Map(managed.flatMap((resource) => nixosStepOf(resource)));
  const policies = new Map(managed.flatMap((resource) => policyOf(resource)));
  const planned = managed
    .filter(({ type }) => type === machineType)
    .map((resource) => machinePlan(resource, nixosSteps, gone.has(resource.address)));
  const machines = [...planned, ...forgottenMachines(plan, managed)];
  const named = new Set(machines.map(({ vmId }) => vmId));
  const parts = new Set([...nixosSteps.keys(), ...policies.keys()]);
  const unnamed = [...parts]
    .filter((vmId) => !named.has(vmId))
    .map((vmId) => withoutMachine(vmId, nixosSteps));
  const renumbered = renumberedMachines(machines);
  const whole = [...machines, ...unnamed].map((machine): MachinePlan => {
    const [policy, renumberedAs] = [policies.get(machine.vmId), renumbered.get(machine.vmId)];
    return {
      ...machine,
      isUnfinished: isUnfinished(machine, begun),
      ...(policy === undefined ? {} : { policy }),
      ...(renumberedAs === undefined ? {} : { renumberedAs }),
    };
  });
  return {
    ...facts,
    machines: whole.filter(isTouched).toSorted((left, right) => left.vmId - right.vmId),
    others: managed
      .filter(isOther)
      .map(otherPlan)
      .filter(({ action }) => action !== "none"),
    outputs: Object.entries(plan.output_changes ?? {})
      .filter(([, { actions }]) => actionOf(actions) !== "none")
      .map(([name]) => name),
    machineCount: managed.filter(({ type, change }) => type === machineType && change.before !== null).length,
  };
}

function machinePlan(
  { address, change, action_reason: reason }: PlannedChange,
  nixosSteps: ReadonlyMap<number, NixosStep>,
  isGone: boolean,
): MachinePlan {
  const attributes = (change.after ?? change.before ?? {}) as Readonly<Record<string, unknown>>;
  const vmId = Number(attributes["vm_id"] ?? machineOfAddress(address)?.vmId);
  const action = actionOf(change.actions);
  const isChange = action === "update" || action === "replace";
  const { known, unknown } = isChange ? changedAttributes(change) : { known: [], unknown: [] };
  const { effect, because } = action === "update" ? powerEffect(change, known) : noEffect;
  return {
    vmId,
    name: String(attributes["name"] ?? ""),
    node: String(attributes["node_name"] ?? ""),
    action,
    nixos: nixosSteps.get(vmId) ?? "none",
    changedAttributes: known,
    unknownAttributes: unknown,
    power: effect,
    powerBecauseOf: because,
    replacedBecauseOf: (change.replace_paths ?? []).map(formatPath),
    ...(reason === undefined ? {} : { reason }),
    tags: textsOf(attributes["tags"]),
    isProtected: valuesOf(change.before)["protection"] === true,
    isGone,
    // `summarizePlan` decides it, once it has all of the machine.
    isUnfinished: false,
    ...renaming(change),
  };
}

function renaming({ before, after }: PlannedChange["change"]): { renamedFrom?: string } {
  const [old, planned] = [valuesOf(before)["name"], valuesOf(after)["name"]];
  return typeof old === "string" && typeof planned === "string" && old !== planned
    ? { renamedFrom: old }
    : {};
}

/** Machines that the cluster did not show and that no resource is left for: an apply would only forget them. */
function forgottenMachines(
  { resource_drift = [] }: PlanJson,
  managed: readonly PlannedChange[],
): MachinePlan[] {
  const planned = new Set(managed.map(({ address }) => address));
  return resource_drift
    .filter(({ type, address }) => type === machineType && !planned.has(address))
    .filter(isDeletion)
    .map((resource) => ({ ...machinePlan(resource, new Map(), true), action: "forget", power: "none" }));
}

/** The VMIDs that end, each with that under which a machine of the same name begins. */
function renumberedMachines(machines: readonly MachinePlan[]): Map<number, number> {
  const made = machines.filter(({ action }) => action === "create");
  const ending = machines.filter(({ action }) => action === "destroy");
  return new Map(
    ending.flatMap(({ vmId, name }) => {
      const successor = made.find((machine) => machine.name === name && name !== "");
      return successor === undefined ? [] : [[vmId, successor.vmId] as const];
    }),
  );
}

function policyOf({ address, change }: PlannedChange): [number, PlannedPolicy][] {
  const owner = machineOfAddress(address);
  if (owner?.part !== "policy") return [];
  const [before, after] = [change.before, change.after].map((value) => valuesOf(valuesOf(value)["input"]));
  return [
    [
      owner.vmId,
      { isChanged: actionOf(change.actions) !== "none", before: before ?? {}, after: after ?? {} },
    ],
  ];
}

function valuesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

const noEffect = { effect: "none", because: [] } as const;

/** A machine that was finished once has a NixOS step in the state, or no step at all. */
function isUnfinished(
  { vmId, action, reason, nixos, isGone }: MachinePlan,
  begun: ReadonlySet<number> = new Set(),
): boolean {
  // Its end was a part of making it anew, and nobody heard of the end.
  if (action === "create") return isGone && begun.has(vmId);
  const isTainted = action === "replace" && reason === "replace_because_tainted";
  return isTainted && (nixos === "first" || (nixos === "none" && begun.has(vmId)));
}

/** A NixOS step or a policy in a plan that leaves its machine out. */
function withoutMachine(vmId: number, nixosSteps: ReadonlyMap<number, NixosStep>): MachinePlan {
  const attributes = {
    changedAttributes: [],
    unknownAttributes: [],
    power: "none",
    powerBecauseOf: [],
    replacedBecauseOf: [],
    tags: [],
    isProtected: false,
  } as const;
  const nixos = nixosSteps.get(vmId) ?? "none";
  const never = { isGone: false, isUnfinished: false } as const;
  return { vmId, name: `vm-${vmId}`, node: "", action: "none", nixos, ...attributes, ...never };
}

function nixosStepOf({ address, change, action_reason }: PlannedChange): [number, NixosStep][] {
  const owner = machineOfAddress(address);
  if (owner?.part !== "nixos" || !change.actions.includes("create")) return [];
  if (!change.actions.includes("delete")) return [[owner.vmId, "first"]];
  return [[owner.vmId, action_reason === "replace_because_tainted" ? "repeated" : "changed"]];
}

function otherPlan({ address, change }: PlannedChange): OtherPlan {
  const action = actionOf(change.actions);
  return { address, action, changedAttributes: action === "update" ? changedAttributes(change).known : [] };
}

/** NixOS steps are told with their machines, so only resources that are neither are left. */
function isOther({ address, type }: PlannedChange): boolean {
  return type !== machineType && machineOfAddress(address) === undefined;
}

function isTouched({ action, nixos, policy }: MachinePlan): boolean {
  return action !== "none" || nixos !== "none" || policy?.isChanged === true;
}

function isDeletion({ change }: PlannedChange): boolean {
  return actionOf(change.actions) === "destroy";
}

function actionOf(actions: readonly string[]): PlannedAction {
  const [first = "no-op"] = actions;
  if (actions.includes("create") && actions.includes("delete")) return "replace";
  return actionNames[first] ?? "none";
}

const actionNames: Readonly<Record<string, PlannedAction>> = {
  create: "create",
  update: "update",
  delete: "destroy",
  forget: "forget",
};

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** ["disk", 0, "file_id"] as "disk[0].file_id". */
function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}

/** Whether a plan touches nothing that exists outside of the state: it has changes, and all of them are of outputs. */
export function changesOutputsOnly({ hasChanges, machines, others }: StackPlan): boolean {
  return hasChanges && machines.length === 0 && others.length === 0;
}
