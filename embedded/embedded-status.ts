import { NixherdError } from "../lib/errors.ts";
import { shellExports } from "./embedded-environment.ts";
import { embeddedFiles } from "./embedded-files.ts";
import { readProcessRecord } from "./process-record.ts";

/** Whether a repository's embedded cluster runs, and where. */
export type EmbeddedStatus =
  | { readonly state: "stopped" }
  | { readonly state: "starting"; readonly pid: number }
  | {
      readonly state: "running";
      readonly pid: number;
      readonly startedAt: string;
      readonly endpoint: string;
    };

/** Tells whether the repository's embedded cluster runs. */
export function embeddedStatus(root: string): EmbeddedStatus {
  const record = readProcessRecord(embeddedFiles(root));
  if (record === undefined) return { state: "stopped" };
  const endpoint = record.environment?.["PROXMOX_VE_ENDPOINT"];
  if (endpoint === undefined) return { state: "starting", pid: record.pid };
  return { state: "running", pid: record.pid, startedAt: record.startedAt, endpoint };
}

/**
 * The lines that a shell evaluates to work on the running embedded cluster.
 *
 * @throws EMBEDDED_NOT_RUNNING
 */
export function embeddedEnv(root: string): string {
  const environment = readProcessRecord(embeddedFiles(root))?.environment;
  if (environment === undefined) throw notRunning();
  return shellExports(environment);
}

/** The error of everything that needs a running cluster. */
export function notRunning(): NixherdError {
  return new NixherdError("EMBEDDED_NOT_RUNNING", {
    message: "No embedded cluster is running for this repository.",
    hint: "Start one: npx nixherd embedded up.",
  });
}
