import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A machine's configuration as `GET .../config` shows it. */
export type MachineConfig = Readonly<Record<string, string | number>>;

/** What was there before a step, and who made its calls. */
export interface StepHead {
  readonly step: string;
  /** User, or user and token, of all calls that name no other. */
  readonly caller: string;
  /** The password or secret was none of the caller's. */
  readonly wrongSecret?: boolean;
  /** VMID to configuration; `as always` stands in `cluster.json`. */
  readonly machines: Readonly<Record<string, MachineConfig | "as always">>;
  /** Machines that ran. */
  readonly running?: readonly number[];
  /** Machines that the status daemon had not seen yet. */
  readonly unseen?: readonly number[];
  /** What the status daemon had seen of machines that are gone since. */
  readonly seen?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Paths that others had permissions on. */
  readonly aclPaths?: readonly string[];
  /** Files on the storages. */
  readonly files?: readonly string[];
}

/** A recorded call with its answer, `times` in a row. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
  /** The file of an upload. */
  readonly file?: { readonly name: string; readonly bytes: number };
  /** Keys of one sendkey call each, separated by blanks. */
  readonly keys?: string;
  readonly caller?: string;
  /** @default 200 */
  readonly status?: number;
  /** @default OK */
  readonly reason?: string;
  readonly data?: unknown;
  /** The answer had no body. */
  readonly bare?: boolean;
  /** @default 1 */
  readonly times?: number;
}

/** A look at a task, `times` in a row; without `exit` it was still running. */
export interface RecordedPoll {
  readonly poll: string;
  readonly exit?: string;
  readonly times?: number;
}

/**
 * The status daemon looked at the machines, as the next list of them shows: when the last clone was only asked for, had
 * its name but no disks, or was done.
 */
export interface StatusRound {
  readonly round: "reserved" | "copying" | "done";
}

/** A call that somebody else made at that time: method, path and parameters. */
interface OtherCall {
  readonly meanwhile: readonly [string, string, Readonly<Record<string, string>>];
}

/** The machines when everything was over, by VMID; null is none. */
export interface Outcome {
  readonly after: Readonly<
    Record<string, { readonly status: string; readonly config: MachineConfig } | null>
  >;
}

type StepLine = RecordedCall | RecordedPoll | StatusRound | OtherCall | Outcome;

/** One recorded run of Packer. */
export interface Step {
  readonly head: StepHead;
  readonly lines: readonly StepLine[];
}

/** What all steps have in common. */
interface ClusterFile {
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly callers: Readonly<Record<string, readonly string[]>>;
  readonly machines: Readonly<Record<string, MachineConfig>>;
  readonly said: Readonly<Record<string, unknown>>;
}

const folder = join(import.meta.dirname, "../../../recordings/packer");

/** Roles, callers and machines that the steps name. */
export const recordedCluster: ClusterFile = JSON.parse(readFileSync(join(folder, "cluster.json"), "utf8"));

/** Values that are written once (`{"$": "said1"}`) or short (`<300000 times x>`), in full. */
function expand(_key: string, value: unknown): unknown {
  if (typeof value === "string") {
    const [, count, letter = ""] = /^<(\d+) times (.)>$/.exec(value) ?? [];
    return count === undefined ? value : letter.repeat(Number(count));
  }
  if (typeof value !== "object" || value === null || !("$" in value)) return value;
  return recordedCluster.said[String(value.$)];
}

function readStep(file: string): Step {
  const texts = readFileSync(join(folder, file), "utf8").split("\n");
  const [head, ...lines] = texts.filter((text) => text !== "").map((text) => JSON.parse(text, expand));
  return { head, lines };
}

/** Every recorded run in which Packer reached the server. */
export function readSteps(): Step[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .map(readStep);
}
