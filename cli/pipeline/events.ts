import type { ErrorCode } from "../../lib/error-codes.ts";
import type { ClusterVm } from "../../proxmox/list-vms.ts";
import type { HeldPlan } from "../../reconcile/held-plans.ts";
import type { Objection } from "../../reconcile/judge-plan.ts";
import type { MachineRemarks } from "../../status/observe-machines.ts";
import type { StackOutput } from "../../terraform/output.ts";
import type { StackPlan } from "../../terraform/stack-plan.ts";
import type { OsEvent } from "./os/os-events.ts";
import type { StepPlan } from "./systems/plan-steps.ts";
import type { WatchEvent } from "./watch/watch-events.ts";

/** A state of something that an apply works on. */
type WorkState = "running" | "complete" | "failed";

/** Durations of an apply, per machine. */
export interface MachineDurations {
  readonly vmId: number;
  readonly name: string;
  /** Of the machine itself: clone, configuration, start. Absent when nothing was done to it. */
  readonly machineMs?: number;
  /** Of the whole NixOS step. Absent when it did not run. */
  readonly nixosMs?: number;
  /** Of each phase of the NixOS step that ran, in order. */
  readonly phases: readonly { readonly phase: string; readonly durationMs: number }[];
}

/**
 * What the commands tell while they work. `--json` prints these records as they are, one a line: names and keys are
 * stable, further keys may come. Durations are milliseconds.
 */
export type PipelineEvent =
  | OsEvent
  | WatchEvent
  | { readonly event: "synth"; readonly durationMs: number }
  | {
      /** Systems of machines were evaluated or built. */
      readonly event: "systems";
      readonly durationMs: number;
      readonly knownCount: number;
      readonly evaluatedCount: number;
      readonly builtCount: number;
    }
  | { readonly event: "init"; readonly stack: string; readonly durationMs: number }
  | { readonly event: "plan"; readonly stack: string; readonly durationMs: number; readonly plan: StackPlan }
  /** What the NixOS steps of a plan will do inside the machines. */
  | { readonly event: "steps"; readonly stack: string; readonly machines: readonly StepPlan[] }
  | {
      readonly event: "machine";
      readonly stack: string;
      readonly vmId: number;
      readonly name: string;
      readonly part: "machine" | "nixos";
      readonly state: WorkState;
      /** "create", "update" or "delete". */
      readonly action: string;
      readonly durationMs: number;
    }
  | {
      readonly event: "phase";
      readonly stack: string;
      readonly vmId: number;
      readonly name: string;
      /** Of the NixOS step, such as "build" or "confirm"; docs/activation.md lists them. */
      readonly phase: string;
      readonly state: "start" | "ok" | "fail" | "skip";
      readonly durationMs: number;
    }
  | {
      readonly event: "hook-line";
      readonly stack: string;
      readonly vmId: number;
      readonly name: string;
      readonly line: string;
    }
  | {
      /** A resource that is no machine. */
      readonly event: "resource";
      readonly stack: string;
      readonly address: string;
      readonly state: WorkState;
      readonly action: string;
      readonly durationMs: number;
    }
  | {
      /** A step failed with what passes by itself, and is done again after the wait. */
      readonly event: "retry";
      readonly stack: string;
      /** Of the attempt that failed, from 1. */
      readonly attempt: number;
      readonly waitMs: number;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly event: "applying"; readonly stacks: readonly string[] }
  | {
      readonly event: "applied";
      readonly stack: string;
      /** False when the apply failed or was interrupted; the error follows. */
      readonly isComplete: boolean;
      readonly durationMs: number;
      readonly machines: readonly MachineDurations[];
    }
  | {
      readonly event: "outputs";
      readonly stack: string;
      readonly outputs: Readonly<Record<string, StackOutput>>;
    }
  | { readonly event: "held"; readonly plan: HeldPlan }
  | {
      /** What the policy has against a plan when nobody confirms it. */
      readonly event: "objections";
      readonly stack: string;
      readonly objections: readonly Objection[];
    }
  | {
      /** What the cluster shows of a stack's machines and its plan does not. */
      readonly event: "observed";
      readonly stack: string;
      readonly machines: readonly MachineRemarks[];
    }
  | { readonly event: "strangers"; readonly machines: readonly ClusterVm[] }
  | { readonly event: "note"; readonly text: string }
  | {
      readonly event: "error";
      /** Absent when the whole command failed. */
      readonly stack?: string;
      /** Of the machine that it is about, for commands that work inside machines. */
      readonly vmId?: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string;
    };

/** Receives what the commands tell. */
export type Report = (event: PipelineEvent) => void;
