import type { Health } from "../../../guests/check-health.ts";
import type { GarbageResult } from "../../../guests/collect-garbage.ts";
import type { SystemDiff } from "../../../guests/read-closures.ts";
import type { GuestFacts } from "../../../guests/read-facts.ts";
import type { Generation } from "../../../guests/read-generations.ts";
import type { RebootResult } from "../../../guests/reboot-guest.ts";
import type { ErrorCode } from "../../../lib/error-codes.ts";

/** A command that ran on a machine. */
export interface ExecResult {
  /** Null when a signal ended the command. */
  readonly exitCode: number | null;
  /** The last 256 Ki characters of each. */
  readonly stdout: string;
  readonly stderr: string;
  /** Characters before those, which were not kept. */
  readonly droppedChars: number;
}

/** What a machine runs after the hook, as the hook read it back. */
export interface ActivationResult {
  /** Store path that was to be activated. */
  readonly system: string;
  /** Store path that runs; "" if it is not known. */
  readonly running: string;
  readonly generation: number | null;
}

/** A system that is in a machine's store and not activated. */
export interface BuildResult {
  readonly system: string;
  /** What its activation would do, in the machine's words; for dry-activate. */
  readonly plan?: readonly string[];
}

/** What each command under `nixherd os` finds out about a machine. */
export interface OsResults {
  readonly facts: GuestFacts;
  readonly health: Health;
  readonly exec: ExecResult;
  readonly generations: readonly Generation[];
  readonly diff: SystemDiff;
  readonly build: BuildResult;
  readonly "dry-activate": BuildResult;
  readonly switch: ActivationResult;
  readonly test: ActivationResult;
  readonly boot: ActivationResult;
  readonly rollback: ActivationResult;
  readonly upgrade: ActivationResult;
  readonly reboot: RebootResult;
  readonly gc: GarbageResult;
}

export type OsActionName = keyof OsResults;

interface MachineKeys {
  readonly stack: string;
  readonly vmId: number;
  readonly name: string;
}

/** How a command ended on one machine. */
export type OsResultEvent = {
  readonly [Action in OsActionName]: MachineKeys & {
    readonly event: "os-result";
    readonly action: Action;
    /** "not-begun" after an interruption, or after a restart that failed. */
    readonly state: "ok" | "failed" | "not-begun";
    readonly durationMs: number;
    /** What was found out; may be there after a failure too. */
    readonly result?: OsResults[Action];
    /** Of the failure; the error event before tells it in words. */
    readonly code?: ErrorCode;
  };
}[OsActionName];

/** What the commands under `nixherd os` tell. Durations are milliseconds. */
export type OsEvent =
  | {
      readonly event: "os-begin";
      readonly action: OsActionName;
      readonly machines: readonly MachineKeys[];
    }
  | (MachineKeys & {
      /** How the work on a machine is getting on. */
      readonly event: "os-machine";
      readonly doing: string;
    })
  | OsResultEvent
  | {
      readonly event: "os-end";
      readonly action: OsActionName;
      readonly durationMs: number;
      readonly results: readonly OsResultEvent[];
    };
