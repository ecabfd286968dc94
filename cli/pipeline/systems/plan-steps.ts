import { join } from "node:path";
import { readJson } from "../../../lib/json-file.ts";
import { runBounded } from "../../../lib/run-bounded.ts";
import type { Machine } from "../../../specs/fleet.ts";
import { findResolvedSystems } from "../../../specs/resolved-systems.ts";
import type { MachinePlan, NixosStep } from "../../../terraform/stack-plan.ts";
import type { PipelineContext } from "../context.ts";
import type { PlannedStack } from "../plan-stack.ts";
import { compareSystems, type SystemChange } from "./compare-systems.ts";
import type { NixSetting } from "./run-nix.ts";

/** What a machine's NixOS step will do. */
export interface StepPlan {
  readonly vmId: number;
  readonly name: string;
  readonly step: Exclude<NixosStep, "none">;
  /** "switch", "boot" or "test", as the spec says; null where the inside is left alone. */
  readonly action: string | null;
  /** "confirmed" or "nixos-rebuild"; null where the inside is left alone. */
  readonly activation: string | null;
  /** Whether a reboot may follow: nixos.reboot of the spec; null where the inside is left alone. */
  readonly reboot: string | null;
  readonly healthChecks: number;
  /** hooks.postApply of the spec. */
  readonly scripts: readonly string[];
  /** Store path of the system; null where it was not evaluated. */
  readonly system: string | null;
  /** Store path that the machine ran after its last step from here; null if nothing is known of it. */
  readonly running: string | null;
  /** null where it is not known, for the reason that follows. */
  readonly change: SystemChange | null;
  /** Why the packages are not compared; "" where they are, and where there is nothing to compare. */
  readonly unknown: string;
}

/** Closures of some ten thousand paths each. */
const comparedAtOnce = 2;

/** Tells, for each machine of a plan whose NixOS step runs, what that step does. */
export async function tellSteps(
  { name: stack, plan, machines }: PlannedStack,
  { root, interrupt, report }: PipelineContext,
): Promise<void> {
  const byVmId = new Map(machines.map((machine) => [machine.spec.vmId, machine]));
  const systemOf = findResolvedSystems(root, true);
  const steps = await runBounded(plan.machines, comparedAtOnce, async (planned): Promise<StepPlan[]> => {
    const machine = byVmId.get(planned.vmId);
    if (machine === undefined || planned.nixos === "none") return [];
    return [await planStep(machine, planned, systemOf(machine)?.system, { root, interrupt })];
  });
  if (steps.flat().length > 0) report({ event: "steps", stack, machines: steps.flat() });
}

async function planStep(
  machine: Machine,
  { nixos: step, action }: MachinePlan,
  system: string | undefined,
  setting: NixSetting,
): Promise<StepPlan> {
  const { name, spec } = machine;
  const isKept = action !== "create" && action !== "replace";
  // The embedded cluster's machines run no systems of Nix.
  const isComparable = isKept && spec.nixos !== false && !process.env["NIXHERD_EMBEDDED"];
  const running = isKept ? await readRunning(machine, setting.root) : undefined;
  return {
    vmId: spec.vmId,
    name,
    step: step === "none" ? "first" : step,
    action: spec.nixos === false ? null : spec.nixos.action,
    activation: spec.nixos === false ? null : spec.nixos.activation,
    reboot: spec.nixos === false ? null : spec.nixos.reboot,
    healthChecks: spec.nixos === false ? 0 : spec.nixos.health.length,
    scripts: spec.hooks.postApply,
    system: system ?? null,
    running: running ?? null,
    ...(isComparable ? await compare(running, system, setting) : nothingToCompare),
  };
}

const nothingToCompare = { change: null, unknown: "" };

async function compare(
  running: string | undefined,
  system: string | undefined,
  setting: NixSetting,
): Promise<Pick<StepPlan, "change" | "unknown">> {
  if (system === undefined) return { change: null, unknown: "the system was not evaluated" };
  if (running === undefined) return { change: null, unknown: "no run from here noted what the machine runs" };
  const change = await compareSystems(running, system, setting);
  if (!("missing" in change)) return { change, unknown: "" };
  const which =
    change.missing === system ? "the new system is not built here" : "the store here does not have what runs";
  return { change: null, unknown: which };
}

/** What the hook's last run noted: scripts/hooks/lib/result.sh. */
async function readRunning({ stack, spec }: Machine, root: string): Promise<string | undefined> {
  const result = (await readJson(join(root, ".nixherd/hooks", stack, `${spec.vmId}.json`))) as
    | { readonly exitCode: number; readonly running: string; readonly system: string }
    | undefined;
  if (result === undefined) return undefined;
  const isConfirmed = [0, 15, 20].includes(result.exitCode);
  return result.running || (isConfirmed && result.system) || undefined;
}
