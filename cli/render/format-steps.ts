import type { StepPlan } from "../pipeline/systems/plan-steps.ts";
import { countPackages, growthOf, packageLines } from "./format-packages.ts";
import type { Screen } from "./screen.ts";

/** More packages than these are counted; `--json` has them all. */
const mostPackages = 25;

/** What NixOS steps will do: a sentence per machine, and below it the packages that change. */
export function formatSteps(stack: string, steps: readonly StepPlan[], paint: Screen["paint"]): string {
  const lines = steps.flatMap((step) => [
    `  ${paint("cyan", ">")}   ${step.name} (${step.vmId}): ${stepWords(step)}`,
    ...packagesOf(step).map((line) => `        ${line}`),
  ]);
  return [`${paint("bold", stack)}: inside the machines`, ...lines].join("\n");
}

/** The packages that change, largest change first as far as they are shown. */
export function packagesOf({ change }: StepPlan): string[] {
  if (change === null) return [];
  const bySize = change.packages.toSorted((a, b) => Math.abs(b.grownBytes) - Math.abs(a.grownBytes));
  const left = bySize.length - mostPackages;
  return [...packageLines(bySize.slice(0, mostPackages)), ...(left > 0 ? [`and ${left} more packages`] : [])];
}

/** What a step does, in one line. */
export function stepWords(step: StepPlan): string {
  const { action, activation, healthChecks, scripts } = step;
  const checks =
    healthChecks === 0 ? "" : `, ${healthChecks} health ${healthChecks === 1 ? "check" : "checks"}`;
  const main = action === null ? [] : [`${action} (${activation}${checks})${changeWords(step)}`];
  const own = scripts.length === 0 ? [] : [`runs ${scripts.join(", ")}`];
  return [...main, ...own].join("; then ");
}

function changeWords({ action, change, reboot, running, system, unknown }: StepPlan): string {
  if (unknown !== "") return `; packages not compared: ${unknown}`;
  if (change === null) return "";
  if (running === system) return "; the machine runs this system";
  const { packages, rebootFor } = change;
  const sizes = `; packages ${countPackages(packages)}, ${growthOf(change)}`;
  if (action === "boot") return `${sizes}; active after a reboot (nixos.reboot: ${reboot})`;
  return rebootFor.length === 0
    ? sizes
    : `${sizes}; reboot for ${rebootFor.join(", ")} (nixos.reboot: ${reboot})`;
}
