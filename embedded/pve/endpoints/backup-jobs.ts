import { randomUUID } from "node:crypto";
import { isRoot } from "../access/caller.ts";
import { requirePrivileges } from "../access/permissions.ts";
import { propertyStrings } from "../check/schema.ts";
import { splitList } from "../check/split-list.ts";
import { badParameters, failure, permissionDenied } from "../http/api-error.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import { findSection, removeSection } from "../sections/section-file.ts";
import { showPropertyString } from "../sections/show-property-string.ts";
import { stringify } from "../sections/stringify-error.ts";
import type { Section, SectionValues } from "../state/section.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

/** Options that are kept as text and shown in their parts. */
const propertyOptions: Readonly<Record<string, string>> = {
  "prune-backups": "prune-backups",
  fleecing: "backup-fleecing",
  performance: "backup-performance",
};

/** Settings that the job's own logic keeps; `delete` does not reach them. */
const notDeletable = new Set(["enabled", "schedule", "id"]);

function showOption(key: string, value: SectionValues[string]): unknown {
  const format = propertyStrings[propertyOptions[key] ?? ""];
  return format === undefined ? value : showPropertyString(format, value);
}

function present(_call: Call, { id, type, values }: Section): Record<string, unknown> {
  const shown = Object.entries(values).map(([key, value]) => [key, showOption(key, value)]);
  return { ...Object.fromEntries(shown), id, type };
}

function checkRights(call: Call, settings: Readonly<SectionValues>): void {
  const { cluster, caller } = call;
  if (isRoot(caller)) return;
  for (const key of ["tmpdir", "dumpdir", "script"]) {
    if (settings[key] !== undefined) throw badParameters({ [key]: "Only root may set this option." });
  }
  const { storage, pool } = settings;
  if (storage !== undefined)
    requirePrivileges(cluster, caller, `/storage/${storage}`, ["Datastore.Allocate"]);
  if (pool === undefined) return;
  if (!cluster.pools.has(String(pool))) throw permissionDenied(`pool '${pool}' does not exist`);
  requirePrivileges(cluster, caller, `/pool/${pool}`, ["VM.Backup"]);
}

/** A day list with a time of day is the old way to write a schedule. */
function withSchedule(settings: SectionValues, isNew: boolean): SectionValues {
  const { starttime, dow, ...rest } = settings;
  if (rest["schedule"] !== undefined && starttime !== undefined)
    throw badParameters({ starttime: "'starttime' and 'schedule' cannot both be set" });
  if (starttime === undefined) {
    if (isNew && rest["schedule"] === undefined)
      throw badParameters({ schedule: "neither 'starttime' nor 'schedule' were set" });
    return rest;
  }
  const days = splitList(dow === undefined ? "" : String(dow)).join(",");
  const isEveryDay = days === "" || days === "mon,tue,wed,thu,fri,sat,sun";
  return { ...rest, schedule: isEveryDay ? starttime : `${days} ${starttime}` };
}

function prepare(call: Call, _id: string, settings: SectionValues, isNew: boolean): SectionValues {
  checkRights(call, settings);
  const scheduled = withSchedule(settings, isNew);
  if (!isNew && Object.keys(scheduled).length === 0 && optionalText(call, "delete") === undefined)
    throw failure("no options specified");
  return isNew ? { enabled: 1, ...scheduled } : scheduled;
}

function selectAllButExcluded(values: SectionValues): void {
  if (values["exclude"] !== undefined && values["pool"] === undefined) values["all"] = 1;
}

/** Machines are named one by one, all but some, or by pool; the newest choice drops the others. */
function dropOtherSelections(values: SectionValues, settings: Readonly<SectionValues>): void {
  const drop = (...keys: readonly string[]) => {
    for (const key of keys) delete values[key];
  };
  selectAllButExcluded(values);
  if (settings["vmid"] !== undefined) drop("all", "exclude", "pool");
  else if (settings["all"] === 1) drop("vmid", "pool");
  else if (values["pool"] !== undefined) drop("vmid", "all", "exclude");
}

function verify(_call: Call, { values }: Section, settings: Readonly<SectionValues>, isNew: boolean): void {
  for (const key of ["all", "exclude", "pool"]) {
    if (settings[key] !== undefined && settings[key] !== 0 && settings["vmid"] !== undefined)
      throw badParameters({ [key]: "option conflicts with option 'vmid'" });
  }
  if (isNew) selectAllButExcluded(values);
  else dropOtherSelections(values, settings);
  const isSelected = values["all"] === 1 || values["stop"] === 1 || values["pool"] !== undefined;
  if (!isSelected && values["vmid"] === undefined) throw badParameters({ vmid: "property is missing" });
}

function deleteSettings(values: SectionValues, names: readonly string[]): void {
  for (const name of names) {
    if (notDeletable.has(name)) throw badParameters({ delete: `unknown option '${name}'` });
    delete values[name];
  }
}

function remove({ cluster }: Call, id: string): void {
  const file = cluster.datacenter.sections.backupJobs;
  if (findSection(file, id) === undefined)
    throw failure(stringify(badParameters({ id: `No such job '${id}'` })));
  removeSection(file, id);
}

const backupJobs: SectionApi = {
  path: "/cluster/backup",
  idName: "id",
  file: "backupJobs",
  idOf: (call) => optionalText(call, "id") ?? randomUUID(),
  typeOf: () => "vzdump",
  words: {
    taken: (id) => failure(`Job '${id}' already exists`),
    unread: (id) => badParameters({ id: `No such job '${id}'` }),
    missing: () => failure("no such vzdump job"),
    createFailed: "",
    updateFailed: "",
  },
  prepare,
  verify,
  present,
  deleteSettings,
  remove,
};

/** What a job would save: the machines that it selects, each with its disks. */
function includedVolumes(call: Call): Record<string, unknown> {
  const { cluster } = call;
  const id = text(call, "id");
  const job = findSection(cluster.datacenter.sections.backupJobs, id);
  if (job === undefined) throw badParameters({ id: `No such job '${id}'` });
  return { children: selectedVmids(call, job).map((vmid) => showGuest(call, vmid)) };
}

function selectedVmids({ cluster }: Call, { values }: Section): number[] {
  const members = cluster.pools.get(String(values["pool"] ?? ""))?.vmids ?? [];
  const excluded = new Set(splitList(String(values["exclude"] ?? "")).map(Number));
  const named = splitList(String(values["vmid"] ?? "")).map(Number);
  const all = values["all"] === 1 ? [...cluster.vms.keys()] : [...members];
  return (named.length > 0 ? named : all).filter((vmid) => !excluded.has(vmid));
}

function showGuest({ cluster }: Call, vmid: number): Record<string, unknown> {
  const vm = cluster.vms.get(vmid);
  if (vm === undefined) return { id: vmid, type: "unknown", leaf: 1 };
  const disks = Object.keys(vm.config).filter((key) => /^(?:ide|sata|scsi|virtio)\d+$/.test(key));
  const children = disks
    .filter((key) => !String(vm.config[key]).includes("media=cdrom"))
    .map((key) => showVolume(vmid, key, String(vm.config[key])));
  return { id: vmid, type: "qemu", name: vm.config["name"], children, leaf: children.length === 0 ? 1 : 0 };
}

function showVolume(vmid: number, key: string, drive: string): Record<string, unknown> {
  const isIncluded = !/,backup=0\b/.test(drive);
  const reason = isIncluded ? "enabled" : "disabled";
  return {
    id: `${vmid}:${key}`,
    name: drive.split(",")[0],
    included: isIncluded ? 1 : 0,
    reason: /,backup=/.test(drive) ? reason : "default",
    leaf: 1,
  };
}

export const backupJobEndpoints: EndpointTable = {
  ...sectionEndpoints([backupJobs]),
  "GET /cluster/backup/{id}/included_volumes": includedVolumes,
};
