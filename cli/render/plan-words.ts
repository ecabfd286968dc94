import type { PowerEffect } from "../../terraform/power-effect.ts";
import type { MachinePlan, NixosStep } from "../../terraform/stack-plan.ts";

/** Whether a NixOS step runs; "" when none does. */
export const nixosWords: Readonly<Record<NixosStep, string>> = {
  none: "",
  first: "NixOS step",
  changed: "NixOS step (something in it changed)",
  repeated: "NixOS step again (it failed the last time)",
};

/** How an update reaches the running machine. */
const powerWords: Readonly<Record<PowerEffect, (names: string) => string>> = {
  none: () => "live",
  "power cycle": (names) => `power cycle for ${names}`,
  "reboot later": (names) => `${names} waits for a reboot`,
  start: () => "starts it",
  stop: () => "stops it",
};

/** More attribute names than these make a line nobody reads. */
const mostNames = 12;

/** What an action changes, and how or why: "name (live)", "because of clone[0].vm_id"; "" where the action says all. */
export function actionDetail({
  action,
  changedAttributes,
  unknownAttributes,
  power,
  powerBecauseOf,
  replacedBecauseOf,
  reason,
}: MachinePlan): string {
  if (action === "update") {
    const names = changedAttributes.length > 0 ? changedAttributes : unknownAttributes;
    return `${shorten(names)} (${powerWords[power](shorten(powerBecauseOf))})`;
  }
  if (action !== "replace") return "";
  if (replacedBecauseOf.length > 0) return `because of ${shorten(replacedBecauseOf)}`;
  return reason === "replace_because_tainted" ? "because making it failed the last time" : "";
}

/** What is to be known of a machine beside its action: an old name, another VMID, its policy; a part each. */
export function machineRemarks({ renamedFrom, renumberedAs, policy }: MachinePlan): string[] {
  return [
    ...(renamedFrom === undefined ? [] : [`renamed from ${renamedFrom}`]),
    ...(renumberedAs === undefined
      ? []
      : [`its vmId was changed to ${renumberedAs}: this machine ends, and another one is made`]),
    ...(policy?.isChanged === true ? ["its policy changes"] : []),
  ];
}

/** The first dozen names, and how many more there are. */
export function shorten(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
