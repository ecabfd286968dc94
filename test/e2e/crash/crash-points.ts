import type { FaultRule } from "../../../embedded/pve/faults/fault-rule.ts";

/** What the run that is killed was to do. */
export type CrashedWork = "create" | "update" | "destroy";

/** Who is killed: our own process, OpenTofu or Terraform, or the provider. */
export type Victim = "nixherd" | "terraform" | "provider";

export const victims: readonly Victim[] = ["nixherd", "terraform", "provider"];

/** A moment of a run. It has come when something met its rule, or when its text stands in its file. */
export interface CrashPoint {
  readonly work: CrashedWork;
  readonly name: string;
  readonly at:
    | { readonly rule: FaultRule }
    /** Path below the repository's root. */
    | { readonly file: string; readonly holds: string };
}

/** How long a call or task is held, so that whoever is to be killed is killed in the middle of it. */
const heldMs = 700;
const vm = "/nodes/*/qemu/101";

/** The call is held when it arrives; it is carried out as soon as its caller is gone. */
function call(pattern: string, skip = 0): CrashPoint["at"] {
  return { rule: { fault: "latency", call: pattern, ms: heldMs, count: 1, skip } };
}

/** The task runs on in the cluster, whatever becomes of whoever asked for it. */
function task(type: string): CrashPoint["at"] {
  return { rule: { fault: "task-duration", task: type, vmid: 101, ms: heldMs, count: 1 } };
}

const hookLog = ".nixherd/hooks/demo/101.jsonl";
const phase = (name: string): CrashPoint["at"] => ({
  file: hookLog,
  holds: `"phase":"${name}","state":"start"`,
});

/** Every moment at which runs are killed, in the order of a run. */
export const crashPoints: readonly CrashPoint[] = [
  { work: "create", name: "planning", at: call("GET /nodes") },
  { work: "create", name: "clone asked for", at: call("POST /nodes/*/qemu/9000/clone") },
  { work: "create", name: "cloning", at: { rule: { fault: "task-duration", task: "qmclone", ms: heldMs } } },
  { work: "create", name: "cloned, lock looked at", at: call(`GET ${vm}/status/current`) },
  { work: "create", name: "configuration sent", at: call(`PUT ${vm}/config`) },
  { work: "create", name: "configured, read again", at: call(`GET ${vm}/config`, 1) },
  { work: "create", name: "disk growth asked for", at: call(`PUT ${vm}/resize`) },
  { work: "create", name: "disk growing", at: task("resize") },
  { work: "create", name: "start asked for", at: call(`POST ${vm}/status/start`) },
  { work: "create", name: "starting", at: task("qmstart") },
  { work: "create", name: "started, read back", at: call("GET /pools") },
  { work: "create", name: "host key read through the agent", at: phase("host-key") },
  { work: "create", name: "system built", at: phase("build") },
  { work: "create", name: "system activated", at: phase("activate") },
  {
    work: "create",
    name: "last state written",
    at: { file: "terraform.demo.tfstate", holds: '"name": "nixos-101"' },
  },
  { work: "update", name: "configuration sent", at: call(`PUT ${vm}/config`) },
  { work: "update", name: "disk growth asked for", at: call(`PUT ${vm}/resize`) },
  { work: "update", name: "shutdown asked for", at: call(`POST ${vm}/status/shutdown`) },
  { work: "update", name: "shutting down", at: task("qmshutdown") },
  { work: "update", name: "start asked for", at: call(`POST ${vm}/status/start`) },
  { work: "update", name: "starting", at: task("qmstart") },
  { work: "update", name: "system activated", at: phase("activate") },
  { work: "destroy", name: "stop asked for", at: call(`POST ${vm}/status/stop`) },
  { work: "destroy", name: "stopping", at: task("qmstop") },
  { work: "destroy", name: "removal asked for", at: call(`DELETE ${vm}`) },
  { work: "destroy", name: "removing", at: task("qmdestroy") },
  { work: "destroy", name: "removed, asked for once more", at: call(`GET ${vm}/status/current`, 3) },
];

/** The points in an order in which each needs little preparation: create, update, destroy, and again. */
export function inTurn(points: readonly CrashPoint[]): readonly CrashPoint[] {
  const works = ["create", "update", "destroy"] as const;
  const byWork = works.map((work) => points.filter((point) => point.work === work));
  return points.flatMap((_, round) => byWork.flatMap((list) => list[round] ?? []));
}
