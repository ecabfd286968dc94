import type { GuestFacts } from "../../../guests/read-facts.ts";
import { formatBytes } from "../format-bytes.ts";
import { formatDuration } from "../format-duration.ts";
import type { OsView } from "./views.ts";

/** A row of the table of facts. */
export const factsView: OsView<GuestFacts> = {
  titles: ["NIXOS", "GENERATION", "KERNEL", "UP", "MEMORY FREE", "STORE FREE", "REMARKS"],
  cells: (facts) => [
    facts.nixosVersion ?? "-",
    String(facts.generation ?? "-"),
    facts.kernel ?? "-",
    facts.uptimeSeconds === undefined ? "-" : formatDuration(facts.uptimeSeconds * 1000),
    mib(facts.memoryAvailableMib),
    mib(facts.storeFreeMib),
    remarksOf(facts).join("; ") || "-",
  ],
};

function mib(size: number | undefined): string {
  return size === undefined ? "-" : formatBytes(size * 1024 * 1024);
}

function remarksOf(facts: GuestFacts): string[] {
  const { running, profile, confirmed, failedUnits, rebootFor, isUndecided } = facts;
  return [
    ...(failedUnits.length === 0 ? [] : [`failed: ${failedUnits.join(" ")}`]),
    ...(rebootFor.length === 0 ? [] : [`reboot for ${rebootFor.join(", ")}`]),
    ...(running === profile ? [] : ["does not run its profile's system"]),
    ...(confirmed === undefined || confirmed === profile ? [] : ["profile is not the confirmed system"]),
    ...(isUndecided ? ["an activation is undecided"] : []),
  ];
}
