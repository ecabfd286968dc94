import { hasPrivilege, requirePrivileges } from "../access/permissions.ts";
import { failure, permissionDenied } from "../http/api-error.ts";
import { PlainAnswer } from "../http/plain-answer.ts";
import { finishReplicationRemovals } from "../machine/finish-replication-removals.ts";
import { findSection } from "../sections/section-file.ts";
import type { Section } from "../state/section.ts";
import { type Call, type EndpointTable, text } from "./endpoint.ts";

function guestOf({ id }: Section): number {
  return Number(id.split("-")[0]);
}

/** Seconds between runs of the schedule that jobs have by default, every quarter of an hour. */
const intervalSeconds = 900;

/** The embedded nodes copy nothing, so a job is always as it was before its first run. */
function showStatus({ cluster }: Call, job: Section): Record<string, unknown> {
  const next = (Math.floor(cluster.clock.nowSeconds() / intervalSeconds) + 1) * intervalSeconds;
  return {
    ...job.values,
    id: job.id,
    type: job.type,
    guest: guestOf(job),
    jobnum: Number(job.id.split("-")[1]),
    vmtype: "qemu",
    next_sync: job.values["remove_job"] === undefined ? next : 1,
    last_sync: 0,
    last_try: 0,
    fail_count: 0,
  };
}

/** Jobs of the machines that are on the node. */
function jobsOn({ cluster }: Call, node: string): Section[] {
  finishReplicationRemovals(cluster);
  return cluster.datacenter.sections.replicationJobs.filter(
    (job) => cluster.vms.get(guestOf(job))?.node === node,
  );
}

function list(call: Call): unknown[] {
  const { cluster, caller, parameters } = call;
  const guest = parameters["guest"];
  return jobsOn(call, text(call, "node"))
    .filter((job) => guest === undefined || guestOf(job) === guest)
    .filter((job) => hasPrivilege(cluster, caller, `/vms/${guestOf(job)}`, "VM.Audit"))
    .map((job) => showStatus(call, job));
}

function jobOf(call: Call, jobs: readonly Section[]): Section {
  const id = text(call, "id");
  const job = findSection(jobs, id);
  if (job === undefined) throw failure(`no such replication job '${id}'`);
  return job;
}

function status(call: Call): Record<string, unknown> {
  const job = jobOf(call, jobsOn(call, text(call, "node")));
  requirePrivileges(call.cluster, call.caller, `/vms/${guestOf(job)}`, ["VM.Audit"]);
  return showStatus(call, job);
}

function log(call: Call): PlainAnswer {
  const { cluster, caller } = call;
  const job = jobOf(call, cluster.datacenter.sections.replicationJobs);
  const mayRead =
    hasPrivilege(cluster, caller, `/vms/${guestOf(job)}`, "VM.Audit") ||
    hasPrivilege(cluster, caller, `/nodes/${text(call, "node")}`, "Sys.Audit");
  if (!mayRead) throw permissionDenied();
  return new PlainAnswer({ data: [{ n: 1, t: "no content" }], total: 0 });
}

function scheduleNow(call: Call): null {
  const { cluster, caller } = call;
  requirePrivileges(cluster, caller, `/vms/${text(call, "id").split("-")[0]}`, ["VM.Replicate"]);
  jobOf(call, cluster.datacenter.sections.replicationJobs);
  return null;
}

export const nodeReplicationEndpoints: EndpointTable = {
  "GET /nodes/{node}/replication": list,
  "GET /nodes/{node}/replication/{id}": () => [{ name: "schedule_now" }, { name: "log" }, { name: "status" }],
  "GET /nodes/{node}/replication/{id}/status": status,
  "GET /nodes/{node}/replication/{id}/log": log,
  "POST /nodes/{node}/replication/{id}/schedule_now": scheduleNow,
};
