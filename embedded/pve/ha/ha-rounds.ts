import { createCaller } from "../access/caller.ts";
import { migrateVm } from "../machine/migrate-vm.ts";
import { startVm } from "../machine/start-vm.ts";
import { powerOff, shutdownVm } from "../machine/stop-vm.ts";
import type { Cluster } from "../state/cluster.ts";
import { createHaService, type HaService } from "../state/datacenter.ts";
import type { Section } from "../state/section.ts";
import { startTask, type Work } from "../state/task.ts";
import type { Vm } from "../state/vm.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { haServiceOf, isInError, requestedState } from "./managed-resources.ts";
import { parseSid } from "./resource-id.ts";
import { nodeRuleOf, prioritiesOf } from "./rules.ts";

/** How long the manager gives a guest to shut down, in seconds; then its power is cut. */
const shutdownSeconds = 60;

/** The manager's tasks run as root. */
const manager = createCaller("root@pam");

/** Resources with a task of the manager that still runs. */
const busy = new WeakMap<Cluster, Set<string>>();

function busyOf(cluster: Cluster): Set<string> {
  const found = busy.get(cluster) ?? new Set();
  busy.set(cluster, found);
  return found;
}

interface HaTask {
  readonly type: string;
  readonly work: Work;
  readonly ended: (isOk: boolean) => void;
}

/** Runs a task of the manager on a VM; until it ended, the manager leaves the resource alone. */
function startHaTask(cluster: Cluster, sid: string, vm: Vm, { type, work, ended }: HaTask): void {
  busyOf(cluster).add(sid);
  const finish = (isOk: boolean) => {
    busyOf(cluster).delete(sid);
    ended(isOk);
  };
  const undo = () => finish(false);
  const newTask = { node: vm.node, type, id: String(vm.vmid), caller: manager, undo };
  startTask(cluster, newTask, async (context) => {
    await withVmLock(cluster, vm, () => work(context));
    finish(true);
  });
}

function start(cluster: Cluster, { id }: Section, service: HaService, vm: Vm): void {
  startHaTask(cluster, id, vm, {
    type: "qmstart",
    work: (context) => startVm(cluster, vm, context),
    ended: (isOk) => {
      service.failures = isOk ? 0 : service.failures + 1;
      noteHaChange(cluster);
    },
  });
}

/** Shuts the guest down, or cuts its power where a command gave it no time at all. */
function stop(cluster: Cluster, { id }: Section, vm: Vm, timeoutSeconds: number): void {
  const isHard = timeoutSeconds === 0;
  const options = { timeoutSeconds, forceStop: true };
  startHaTask(cluster, id, vm, {
    type: isHard ? "qmstop" : "qmshutdown",
    work: (context) => (isHard ? powerOff(cluster, vm) : shutdownVm(cluster, vm, options, context)),
    ended: () => undefined,
  });
}

function move(cluster: Cluster, { id }: Section, service: HaService, vm: Vm, target: string): void {
  startHaTask(cluster, id, vm, {
    type: "qmigrate",
    work: async ({ log }) => {
      if (service.isRelocated) await powerOff(cluster, vm);
      migrateVm(cluster, vm, { target, storage: undefined, log });
    },
    ended: (isOk) => {
      service.target = undefined;
      service.isRelocated = false;
      if (isOk) noteHaChange(cluster);
    },
  });
}

/** The node that a resource's rule prefers over its own; undefined when it is where it shall be. */
function betterNode(cluster: Cluster, { id, values }: Section, vm: Vm): string | undefined {
  const rule = nodeRuleOf(cluster, id);
  if (rule === undefined || values["failback"] === 0) return undefined;
  const online = [...prioritiesOf(rule)].filter(
    ([node]) => cluster.nodes.has(node) && !cluster.downNodes.has(node),
  );
  const best = Math.max(...online.map(([, priority]) => priority));
  const preferred = online.filter(([, priority]) => priority === best).map(([node]) => node);
  return preferred.includes(vm.node) ? undefined : preferred.sort()[0];
}

/** A command to stop becomes the state that the resource shall have. */
function takeStopCommand(resource: Section, service: HaService): number {
  const seconds = service.stopSeconds ?? shutdownSeconds;
  if (service.stopSeconds !== undefined) resource.values["state"] = "stopped";
  service.stopSeconds = undefined;
  return seconds;
}

/** Takes the one step that brings a resource nearer to what it shall be. */
function attend(cluster: Cluster, resource: Section, service: HaService, vm: Vm): void {
  const stopSeconds = takeStopCommand(resource, service);
  const wanted = requestedState(resource);
  if (wanted === "disabled") service.failures = 0;
  if (wanted === "ignored" || isInError(service, resource)) return;
  service.target ??= wanted === "started" ? betterNode(cluster, resource, vm) : undefined;
  if (service.target === vm.node) service.target = undefined;
  if (service.target !== undefined) move(cluster, resource, service, vm, service.target);
  else if (wanted === "started" && vm.process === undefined) start(cluster, resource, service, vm);
  else if (wanted !== "started" && vm.process !== undefined) stop(cluster, resource, vm, stopSeconds);
}

function forgetRemoved({ datacenter }: Cluster): void {
  const known = new Set(datacenter.sections.haResources.map(({ id }) => id));
  for (const sid of Object.keys(datacenter.haServices))
    if (!known.has(sid)) delete datacenter.haServices[sid];
}

/** One round of the HA manager. Machines on nodes that do not answer are left where they are. */
export function runHaRound(cluster: Cluster): void {
  const { datacenter } = cluster;
  forgetRemoved(cluster);
  if (datacenter.haDisarmed.mode !== undefined) return;
  for (const resource of datacenter.sections.haResources) {
    const service = haServiceOf(cluster, resource.id) ?? createHaService();
    datacenter.haServices[resource.id] = service;
    const vm = cluster.vms.get(parseSid(cluster, resource.id).vmid);
    const isReachable = vm !== undefined && !cluster.downNodes.has(vm.node);
    if (isReachable && !busyOf(cluster).has(resource.id)) attend(cluster, resource, service, vm);
  }
}

/** Runs a round every `haRoundMs` until the returned function is called. */
export function startHaRounds(cluster: Cluster): () => void {
  const { haRoundMs } = cluster.delays;
  if (haRoundMs === 0) return () => undefined;
  const timer = setInterval(() => runHaRound(cluster), haRoundMs).unref();
  return () => clearInterval(timer);
}

/** To be called after every change of HA's configuration: a manager without rounds acts on it at once. */
export function noteHaChange(cluster: Cluster): void {
  if (cluster.delays.haRoundMs === 0) runHaRound(cluster);
}
