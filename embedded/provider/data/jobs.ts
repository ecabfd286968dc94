import { ApiError, inContext } from "../api/api-error.ts";
import { expectData } from "../api/expect-data.ts";
import { ProviderFailure } from "../failure.ts";
import { matching } from "../framework/attribute-checks.ts";
import type { DataSourceType } from "../resource-type.ts";
import { backupJobState } from "../resources/cluster/backup-job.ts";
import { replicationState } from "../resources/cluster/replication.ts";
import type { TypeSchema } from "../schema/schema.ts";
import { frameworkDataSource } from "./framework-data-source.ts";

const shownOfBackups = [
  "id",
  "schedule",
  "storage",
  "enabled",
  "node",
  "vmid",
  "all",
  "mode",
  "compress",
  "mailto",
  "mailnotification",
  "notes_template",
  "pool",
  "prune_backups",
  "protected",
] as const;

/** proxmox_backup_jobs: every backup job. */
export function backupJobsDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(schema, "Unable to Read Backup Jobs", async (_config, { api, lifetime }) => {
    const list = await inContext("error listing backup jobs", () =>
      api.request("GET", "cluster/backup/", lifetime),
    );
    const jobs = (expectData(list) as readonly { readonly id: string }[]).toSorted((one, other) =>
      one.id < other.id ? -1 : 1,
    );
    return {
      id: "backup_jobs",
      jobs: jobs.map((job) => {
        const state = backupJobState(job);
        return Object.fromEntries(shownOfBackups.map((key) => [key, state[key] ?? null]));
      }),
    };
  });
}

/** proxmox_replication: one replication job. */
export function replicationDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(
    schema,
    "Unable to Read Replication",
    async (config, { api, lifetime }) => {
      const id = String(config["id"]);
      try {
        const data = await inContext(`error reading Replication ${id}`, () =>
          api.request("GET", `cluster/replication/${id}`, lifetime),
        );
        return replicationState(expectData(data), id);
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isNotFound) throw error;
        const detail = `Replication with ID '${id}' was not found`;
        throw new ProviderFailure([{ severity: "ERROR", summary: "Replication Not Found", detail }]);
      }
    },
    { id: { checks: [matching(/^[0-9]+-[0-9]+$/, "id must be <GUEST>-<JOBNUM>")] } },
  );
}

/** What a list of replication jobs shows where a job says nothing. */
const silent = { comment: "", rate: 0, remove_job: "", schedule: "", source: "" };

/** proxmox_replications: every replication job. */
export function replicationsDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(schema, "Unable to Read Replications", async (_config, { api, lifetime }) => {
    const list = await inContext("error listing Replications", () =>
      api.request("GET", "cluster/replication", lifetime),
    );
    const jobs = expectData(list) as readonly { readonly id: string; readonly remove_job?: string }[];
    return {
      replications: jobs.map((job) => {
        const state = { ...replicationState(job, job.id), remove_job: job.remove_job ?? null };
        const filled = Object.entries(silent).map(([key, value]) => [key, state[key as never] ?? value]);
        return { ...state, ...Object.fromEntries(filled) };
      }),
    };
  });
}
