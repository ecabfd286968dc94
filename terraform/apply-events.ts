import { type Diagnostic, readDiagnostic } from "./diagnostic.ts";

/** What one line of `-json` output says, of `plan` as well as of `apply`. */
export type TerraformEvent =
  | {
      readonly type: "resource";
      readonly state: "started" | "running" | "complete" | "failed";
      readonly address: string;
      /** "create", "update", "delete", "read" or "replace". */
      readonly action: string;
      readonly elapsedSeconds: number;
    }
  | {
      readonly type: "provisioner";
      readonly state: "started" | "complete" | "failed";
      readonly address: string;
    }
  | { readonly type: "provisioner-output"; readonly address: string; readonly line: string }
  | { readonly type: "refresh"; readonly state: "started" | "complete"; readonly address: string }
  | { readonly type: "diagnostic"; readonly diagnostic: Diagnostic }
  /** A line that is understood and says nothing about one resource: version, summary, outputs, planned changes. */
  | { readonly type: "message"; readonly message: string }
  /** A line in a form that is not known here, or no JSON at all. */
  | { readonly type: "unknown"; readonly line: string };

interface Hook {
  readonly address: string;
  readonly action: string;
  readonly elapsedSeconds: number;
  readonly line: string;
}

/** How each `type` of the machine-readable UI (version 1.x of Terraform's and OpenTofu's) that names a resource reads. */
const hookEvents: Readonly<Record<string, (hook: Hook) => TerraformEvent>> = {
  apply_start: (hook) => ({ type: "resource", state: "started", ...change(hook) }),
  apply_progress: (hook) => ({ type: "resource", state: "running", ...change(hook) }),
  apply_complete: (hook) => ({ type: "resource", state: "complete", ...change(hook) }),
  apply_errored: (hook) => ({ type: "resource", state: "failed", ...change(hook) }),
  provision_start: ({ address }) => ({ type: "provisioner", state: "started", address }),
  provision_progress: ({ address, line }) => ({ type: "provisioner-output", address, line }),
  provision_complete: ({ address }) => ({ type: "provisioner", state: "complete", address }),
  provision_errored: ({ address }) => ({ type: "provisioner", state: "failed", address }),
  refresh_start: ({ address }) => ({ type: "refresh", state: "started", address }),
  refresh_complete: ({ address }) => ({ type: "refresh", state: "complete", address }),
};

/** Reads one line of `plan -json` or `apply -json`; never throws. */
export function parseEventLine(line: string): TerraformEvent {
  const record = parseObject(line);
  const type = record?.["type"];
  if (record === undefined || typeof type !== "string") return { type: "unknown", line };
  if (type === "diagnostic") {
    const diagnostic = readDiagnostic(record["diagnostic"]);
    return diagnostic === undefined ? { type: "unknown", line } : { type: "diagnostic", diagnostic };
  }
  const toEvent = hookEvents[type];
  if (toEvent === undefined) return { type: "message", message: text(record["@message"]) };
  const hook = readHook(record["hook"]);
  return hook === undefined ? { type: "unknown", line } : toEvent(hook);
}

function change({ address, action, elapsedSeconds }: Hook) {
  return { address, action, elapsedSeconds };
}

function readHook(value: unknown): Hook | undefined {
  if (!isRecord(value) || !isRecord(value["resource"])) return undefined;
  const address = text(value["resource"]["addr"]);
  if (address === "") return undefined;
  const elapsed = value["elapsed_seconds"];
  return {
    address,
    action: text(value["action"]),
    elapsedSeconds: typeof elapsed === "number" ? elapsed : 0,
    line: text(value["output"]),
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
