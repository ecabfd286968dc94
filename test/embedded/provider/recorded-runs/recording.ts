import { readdirSync, readFileSync } from "node:fs";

/** A recorded HTTP exchange in compact form. */
export interface RecordedCall {
  /** "GET nodes/pve/qemu", the path decoded and relative to /api2/json. */
  readonly call: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** Absent means 200. */
  readonly status?: number;
  /** Absent means "OK". */
  readonly reason?: string;
  /** How long the real server took, where that was long. */
  readonly durationMs?: number;
  /** Absent means `{"data": null}`. */
  readonly body?: unknown;
}

/** One command of a step: plan, apply, replan. */
export interface RecordedPhase {
  readonly phase: string;
  readonly exit: number;
  readonly arguments?: readonly string[];
  /** Pairs of severity and text, white space collapsed. */
  readonly diagnostics?: readonly (readonly [string, string])[];
  readonly calls: readonly RecordedCall[];
}

/** A resource in a state. */
export interface RecordedResource {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly index?: number | string;
  readonly tainted?: boolean;
  readonly dependsOn?: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** One planned change. */
export interface RecordedChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly after?: unknown;
  readonly unknown?: unknown;
  readonly replacePaths?: readonly (readonly (string | number)[])[];
}

/** A machine that was there before the step. */
export interface StagedVm {
  readonly config: Readonly<Record<string, string | number>>;
  /** Absent means stopped. */
  readonly status?: "running" | "paused";
  /** What it was started with, where changes were waiting. */
  readonly startedWith?: Readonly<Record<string, string | number>>;
}

/** A file and the size of the disk in it; of a file that is no image, its own size again. */
interface StagedFile {
  readonly sizeBytes: number;
  readonly virtualSizeBytes: number;
}

/** The server before the step, as far as the step's calls show it or its story tells. */
export interface StagedServer {
  /** Absent means that the golden template 9000 is there. */
  readonly template?: false;
  readonly vms?: Readonly<Record<string, StagedVm>>;
  readonly pools?: readonly {
    readonly poolid: string;
    readonly comment?: string;
    readonly vmids: readonly number[];
  }[];
  /** What the token was; absent means an Administrator's. */
  readonly token?: "PVEAuditor" | "without rights" | "wrong";
  /** Guests that do not react to a shutdown, or not at once. */
  readonly deaf?: readonly number[];
  /** Guests that do not let go of devices. */
  readonly holdsDevices?: readonly number[];
  /** Machines whose lock file somebody holds all the time. */
  readonly heldLocks?: readonly number[];
  /** What an agent answers, by VMID and command: one answer a question, null for none; the last one stays. */
  readonly agents?: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
  /** What the start of a machine fails with, by VMID. */
  readonly bootFailures?: Readonly<Record<string, string>>;
  /** Files that storage "local" holds, by volume id. */
  readonly files?: Readonly<Record<string, StagedFile>>;
  /** Files that a web server on loopback has, name to size in bytes; the recorded one was at port 8099. */
  readonly web?: Readonly<Record<string, number>>;
  /** What happened beside the step. */
  readonly outside?: readonly OutsideEvent[];
  /** Least duration of tasks by type, in milliseconds of the recording. */
  readonly taskMs?: Readonly<Record<string, number>>;
}

/** A request that somebody else made, or a deaf guest that powers off at last. */
export type OutsideEvent = EventTime & (OutsideCall | { readonly powersOff: number });

/** When something happened: before the call of this number, counted from 1; phase "before", call 0, is before the step. */
interface EventTime {
  readonly phase: string;
  readonly call: number;
}

interface OutsideCall {
  readonly method: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
}

/** A step of the real provider 0.111.1 against a real Proxmox VE 9.2.11. */
export interface Recording {
  readonly step: string;
  /** What was special about the server or the guest. */
  readonly note?: string;
  /** How the provider authenticated, where it was no valid token. */
  readonly credentials?: "malformed token" | "password";
  /** The signal that the apply command got, and at which of its calls. */
  readonly interrupt?: { readonly signal: "SIGINT"; readonly call: number };
  /** The step waits for a timeout: it is run with all times, the server's too, scaled by this. */
  readonly timeScale?: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly before: readonly RecordedResource[];
  readonly server?: StagedServer;
  readonly phases: readonly RecordedPhase[];
  readonly plan?: readonly RecordedChange[];
  readonly replan?: readonly RecordedChange[];
  readonly state?: readonly RecordedResource[];
}

const folder = new URL("../../../recordings/provider/", import.meta.url);

/** The names of all carried recordings, sorted. */
export function recordingNames(): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

/** Whether operations ran side by side, so that the order of calls is only fixed for each resource. */
export function isParallel({ plan = [], before, state = [] }: Recording): boolean {
  const addresses = [...plan, ...before, ...state].map(({ address }) => address);
  return new Set(addresses).size > 1;
}

/** Reads one recording. */
export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Recording;
}
