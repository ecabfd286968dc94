import { ProviderFailure } from "../failure.ts";
import type { Diagnostic } from "../wire/diagnostic.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiError, inContext } from "./api-error.ts";
import { type Deadline, isDeadlineExceeded } from "./deadline.ts";
import { expectData } from "./expect-data.ts";
import { poll } from "./retry.ts";

/** How a server task ended. */
export interface TaskResult {
  readonly error?: Error;
  readonly warnings: readonly string[];
}

interface TaskStatus {
  readonly status?: string;
  readonly exitstatus?: string;
}

/**
 * Waits for a task: asks at once, then every second. Status 400 means "not known yet" right after a start.
 * `ignoredStatus` is another HTTP status that is not the end. Never throws.
 * Public source: bpg/proxmox 0.111.1, WaitForTask.
 */
export async function waitForTask(
  api: ApiClient,
  upid: string,
  deadline: Deadline,
  ignoredStatus?: number,
): Promise<TaskResult> {
  const mayPass = (error: Error): boolean =>
    error instanceof ApiError && (error.status === 400 || error.status === ignoredStatus);
  try {
    const { exitstatus = "" } = await poll(deadline, () => finishedStatus(api, upid, deadline), mayPass);
    return exitstatus === "OK" ? { warnings: [] } : await judgeExit(api, upid, exitstatus, deadline);
  } catch (error) {
    if (isDeadlineExceeded(error)) {
      return { error: new Error(`timeout while waiting for task "${upid}" to complete`), warnings: [] };
    }
    const message = error instanceof Error ? error.message : String(error);
    return {
      error: new Error(`error while waiting for task "${upid}" to complete: ${message}`),
      warnings: [],
    };
  }
}

async function finishedStatus(
  api: ApiClient,
  upid: string,
  deadline: Deadline,
): Promise<TaskStatus | undefined> {
  const data = await inContext("error retrieving task status", () =>
    api.request("GET", taskPath(upid, "status"), deadline),
  );
  const status = expectData(data) as TaskStatus;
  return status.status === "running" ? undefined : status;
}

async function judgeExit(
  api: ApiClient,
  upid: string,
  exit: string,
  deadline: Deadline,
): Promise<TaskResult> {
  const lines = await readLog(api, upid, deadline);
  const warnings = lines.filter((line) => line.includes("WARN:"));
  if (exit.startsWith("WARNINGS: ") && !exit.includes("ERROR")) {
    const fallback = `task "${upid}" completed with warnings (exit code: ${exit})`;
    return { warnings: warnings.length > 0 ? warnings : [fallback] };
  }
  const rest = lines.filter((line) => !line.includes("WARN:"));
  const log = rest.length > 0 ? `\ntask log:\n  ${rest.join("\n  ")}` : "";
  return { error: new Error(`task "${upid}" failed to complete with exit code: ${exit}${log}`), warnings };
}

// Without the log the exit status still tells what went wrong.
async function readLog(api: ApiClient, upid: string, deadline: Deadline): Promise<readonly string[]> {
  try {
    const data = await api.request("GET", taskPath(upid, "log"), deadline);
    return Array.isArray(data) ? data.map((line: { t?: string }) => line.t ?? "") : [];
  } catch (error) {
    return error instanceof ApiError ? [] : Promise.reject(error);
  }
}

function taskPath(upid: string, leaf: string): string {
  const node = upid.split(":")[1] ?? "";
  return `nodes/${encodeURIComponent(node)}/tasks/${escapeSegment(upid)}/${leaf}`;
}

/** Percent-encodes one segment of a path; ":" stays, "!" of a token's user does not. */
export function escapeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("!", "%21");
}

/** Reports a task's warnings and throws its error, both under `summary`. */
export function expectSuccess(
  { error, warnings }: TaskResult,
  summary: string,
  warn: (diagnostic: Diagnostic) => void,
): void {
  if (error !== undefined) {
    const warned = warnings.map((detail): Diagnostic => ({ severity: "WARNING", summary, detail }));
    throw new ProviderFailure([{ severity: "ERROR", summary, detail: error.message }, ...warned]);
  }
  for (const detail of warnings) warn({ severity: "WARNING", summary, detail });
}
