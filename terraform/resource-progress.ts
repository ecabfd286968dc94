import type { TerraformEvent } from "./apply-events.ts";

/** How far an apply has come with one resource. */
export interface ResourceProgress {
  readonly address: string;
  /** "create", "update", "delete" or "read"; the last one of a replacement. */
  readonly action: string;
  readonly state: "running" | "complete" | "failed";
  /** Since its first step began, until its last one ended or now. */
  readonly durationMs: number;
  /** The last line that its provisioner printed; "" before. */
  readonly lastLine: string;
}

export interface ProgressTracker {
  read(event: TerraformEvent): void;
  /** Every resource that an apply has touched so far, in the order of their beginnings. */
  all(): ResourceProgress[];
}

interface Entry {
  action: string;
  state: ResourceProgress["state"];
  lastLine: string;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
}

/** Follows the events of one apply; `nowMs` is a clock that never goes back. */
export function trackProgress(nowMs: () => number = () => performance.now()): ProgressTracker {
  const entries = new Map<string, Entry>();
  return {
    read(event) {
      if (event.type === "resource") {
        const entry = entries.get(event.address) ?? newEntry(nowMs());
        entries.set(event.address, entry);
        entry.action = event.action;
        entry.state = event.state === "started" ? "running" : event.state;
        entry.endedAtMs = entry.state === "running" ? undefined : nowMs();
      } else if (event.type === "provisioner-output") {
        const entry = entries.get(event.address);
        if (entry !== undefined) entry.lastLine = event.line;
      }
    },
    all: () => [...entries].map(([address, entry]) => progressOf(address, entry, nowMs())),
  };
}

function newEntry(startedAtMs: number): Entry {
  return { action: "", state: "running", lastLine: "", startedAtMs, endedAtMs: undefined };
}

function progressOf(address: string, entry: Entry, nowMs: number): ResourceProgress {
  const { action, state, lastLine, startedAtMs, endedAtMs } = entry;
  return { address, action, state, lastLine, durationMs: Math.round((endedAtMs ?? nowMs) - startedAtMs) };
}
