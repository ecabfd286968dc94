import type { Health } from "../../../guests/check-health.ts";
import type { GarbageResult } from "../../../guests/collect-garbage.ts";
import type { SystemDiff } from "../../../guests/read-closures.ts";
import type { Generation } from "../../../guests/read-generations.ts";
import type { RebootResult } from "../../../guests/reboot-guest.ts";
import type {
  ActivationResult,
  BuildResult,
  ExecResult,
  OsActionName,
  OsResults,
} from "../../pipeline/os/os-events.ts";
import { formatBytes } from "../format-bytes.ts";
import { formatDuration } from "../format-duration.ts";
import { countPackages, growthOf, packageLines } from "../format-packages.ts";
import { formatTable } from "../format-table.ts";
import { factsView } from "./facts-view.ts";

/** How a result shows to people. */
export interface OsView<R> {
  /** Titles of the summary's own columns. */
  readonly titles: readonly string[];
  /** The cells below them. */
  readonly cells: (result: R) => readonly string[];
  /** Lines of its own below the machine's name; none for a result that fits into its cells. */
  readonly body?: (result: R) => readonly string[];
}

const activation: OsView<ActivationResult> = {
  titles: ["GENERATION", "RUNS"],
  cells: ({ generation, running, system }) => [
    String(generation ?? "-"),
    running === "" ? "not known" : `${shortSystem(running)}${running === system ? "" : " (not the new one)"}`,
  ],
};

const build: OsView<BuildResult> = {
  titles: ["SYSTEM"],
  cells: ({ system }) => [shortSystem(system)],
  body: ({ plan }) => plan ?? [],
};

/** What people see of each command's results. */
export const views: { readonly [Action in OsActionName]: OsView<OsResults[Action]> } = {
  facts: factsView,
  health: { titles: ["CHECKS"], cells: (health) => [healthSum(health)], body: healthLines },
  exec: { titles: ["EXIT CODE"], cells: ({ exitCode }) => [String(exitCode ?? "signal")], body: execLines },
  generations: {
    titles: ["GENERATIONS", "CURRENT"],
    cells: (all) => [String(all.length), String(all.find(({ isCurrent }) => isCurrent)?.number ?? "-")],
    body: generationLines,
  },
  diff: { titles: ["PACKAGES", "SIZE"], cells: diffCells, body: diffLines },
  build,
  "dry-activate": build,
  switch: activation,
  test: activation,
  boot: activation,
  rollback: activation,
  upgrade: activation,
  reboot: {
    titles: ["DOWN", "RUNS"],
    cells: ({ downMs, running, failedUnits }: RebootResult) => [
      formatDuration(downMs),
      `${shortSystem(running)}${failedUnits.length === 0 ? "" : `, failed: ${failedUnits.join(" ")}`}`,
    ],
  },
  gc: { titles: ["GENERATIONS", "FREED"], cells: garbageCells },
};

/** A store path without its folder and all but six characters of its hash. */
function shortSystem(path: string): string {
  return path.replace(/^\/nix\/store\/([0-9a-z]{6})[0-9a-z]{26}-/, "$1..-");
}

function healthSum({ checks, failedUnits }: Health): string {
  const well = checks.filter(({ isHealthy }) => isHealthy).length;
  const units = failedUnits.length === 0 ? "" : `, ${failedUnits.length} failed units`;
  return `${checks.length === 0 ? "none" : `${well} of ${checks.length} passed`}${units}`;
}

function healthLines({ checks, failedUnits }: Health): string[] {
  const answers = checks.map(({ kind, question, isHealthy, reason, tries }) => {
    const again = tries > 1 ? ` after ${tries} tries` : "";
    return `${isHealthy ? "ok    " : "failed"}  ${kind} "${question}"${isHealthy ? again : `${again}: ${reason}`}`;
  });
  return [...answers, ...failedUnits.map((unit) => `failed  unit ${unit}`)];
}

function execLines({ stdout, stderr, droppedChars }: ExecResult): string[] {
  const cut = droppedChars === 0 ? [] : [`[${droppedChars} characters before this were not kept]`];
  return [...cut, ...linesOf(stdout), ...linesOf(stderr)];
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function generationLines(generations: readonly Generation[]): string[] {
  const rows = generations.map((generation) => [
    String(generation.number),
    new Date(generation.madeAtSeconds * 1000).toISOString().slice(0, 16).replace("T", " "),
    generation.nixosVersion || "-",
    generation.kernel || "-",
    generation.revision.slice(0, 12) || "-",
    marksOf(generation),
  ]);
  return formatTable([["NUMBER", "MADE (UTC)", "NIXOS", "KERNEL", "REVISION", ""], ...rows]);
}

function marksOf({ isCurrent, isRunning, isBooted, isConfirmed }: Generation): string {
  const marks = { current: isCurrent, running: isRunning, booted: isBooted, confirmed: isConfirmed };
  return Object.entries(marks)
    .filter(([, is]) => is)
    .map(([mark]) => mark)
    .join(", ");
}

function diffCells(diff: SystemDiff): string[] {
  return [countPackages(diff.packages), growthOf(diff)];
}

function diffLines({ packages, running, next }: SystemDiff): string[] {
  return [`${shortSystem(running)} -> ${shortSystem(next)}`, ...packageLines(packages)];
}

function garbageCells({ deleted, kept, isDryRun, freeBeforeMib, freeAfterMib }: GarbageResult): string[] {
  const numbers = deleted.length === 0 ? "" : ` (${deleted.join(", ")})`;
  const verb = isDryRun ? "would go" : "deleted";
  const freed = isDryRun ? "-" : formatBytes(Math.max(0, freeAfterMib - freeBeforeMib) * 1024 * 1024);
  return [`${deleted.length} ${verb}${numbers}, ${kept.length} kept`, freed];
}
