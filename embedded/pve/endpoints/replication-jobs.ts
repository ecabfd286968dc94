import { hasPrivilege, requirePrivileges } from "../access/permissions.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { finishReplicationRemovals } from "../machine/finish-replication-removals.ts";
import { checkReplicable } from "../machine/replicable-volumes.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import { findSection, removeSection } from "../sections/section-file.ts";
import type { Section, SectionValues } from "../state/section.ts";
import { type Call, type EndpointTable, flag } from "./endpoint.ts";

/** Job ids are a VMID and a number: `101-0`. */
function partsOf(id: string): { readonly guest: number; readonly jobnum: number } {
  const [guest, jobnum] = id.split("-").map(Number);
  return { guest: guest ?? 0, jobnum: jobnum ?? 0 };
}

function prepare(call: Call, id: string, settings: SectionValues, isNew: boolean): SectionValues {
  return isNew ? withSource(call, id, settings) : settings;
}

/** Fills in the node that the machine is on; nothing can be replicated to where it is. */
function withSource({ cluster }: Call, id: string, settings: SectionValues): SectionValues {
  const { guest } = partsOf(id);
  const vm = cluster.vms.get(guest);
  const { target, source } = settings;
  if (vm === undefined) throw failure(`Guest '${guest}' does not exist.`);
  if (!cluster.nodes.has(String(target))) throw failure(`Target '${target}' does not exist.`);
  if (source !== undefined && source !== vm.node) {
    throw failure(`Source '${source}' does not match current node of guest '${guest}' (${vm.node})`);
  }
  if (target === vm.node) throw failure("Source and target must not be identical");
  checkReplicable(cluster, vm);
  return { ...settings, source: vm.node };
}

/** A machine has one job per target at most. */
function verify({ cluster }: Call, { id, values }: Section): void {
  const { guest } = partsOf(id);
  const twin = cluster.datacenter.sections.replicationJobs.find(
    (job) => job.id !== id && partsOf(job.id).guest === guest && job.values["target"] === values["target"],
  );
  if (twin === undefined) return;
  const target = `local/${values["target"]}`;
  throw failure(`replication job for guest '${guest}' to target '${target}' already exists`);
}

function present(_call: Call, { id, type, values }: Section): Record<string, unknown> {
  return { ...values, id, type, ...partsOf(id) };
}

/** A job is removed by its next run, which cleans up on both nodes; with `force` at once. */
function remove(call: Call, id: string): void {
  const { cluster } = call;
  const file = cluster.datacenter.sections.replicationJobs;
  if (flag(call, "force")) {
    if (flag(call, "keep")) throw badParameters({ keep: "conflicts with parameter 'force'" });
    removeSection(file, id);
    delete cluster.datacenter.leavingJobs[id];
    return;
  }
  const job = findSection(file, id);
  if (job === undefined) throw failure(`no such job '${id}'`);
  job.values["remove_job"] = flag(call, "keep") ? "local" : "full";
  const { clock, delays, datacenter } = cluster;
  datacenter.leavingJobs[id] = clock.nowMs() + delays.taskMs;
}

const replicationJobs: SectionApi = {
  path: "/cluster/replication",
  idName: "id",
  file: "replicationJobs",
  typeOf: () => "local",
  words: {
    taken: (id) => failure(`replication job '${id}' already exists`),
    unread: (id) => failure(`no such replication job '${id}'`),
    missing: (id) => failure(`no such job '${id}'`),
  },
  prepare,
  verify,
  present: (call, section, digest) => ({ ...present(call, section), digest }),
  presentInList: present,
  isVisible: ({ cluster, caller }, { id }) =>
    hasPrivilege(cluster, caller, `/vms/${partsOf(id).guest}`, "VM.Audit"),
  checkRight: ({ cluster, caller }, id, right) => {
    const privilege = right === "read" ? "VM.Audit" : "VM.Replicate";
    requirePrivileges(cluster, caller, `/vms/${partsOf(id).guest}`, [privilege]);
  },
  remove,
  settle: ({ cluster }) => finishReplicationRemovals(cluster),
};

export const replicationJobEndpoints: EndpointTable = sectionEndpoints([replicationJobs]);
