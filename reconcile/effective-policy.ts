import type { MachinePolicy } from "../specs/schema/machine-policy.ts";
import type { SitePolicy } from "../specs/schema/site-policy.ts";
import type { MachinePlan } from "../terraform/stack-plan.ts";

/** What counts for one machine. */
export interface EffectivePolicy extends Pick<SitePolicy, "powerCycle" | "maintenanceWindows"> {
  readonly neverDestroy: boolean;
}

/**
 * A machine's own policy over the site's. What the state has forbids its end until something else was applied; power
 * cycles go by what the spec says now.
 */
export function effectivePolicy({ policy }: MachinePlan, site: SitePolicy): EffectivePolicy {
  // Written by the synthesis from a checked spec, and by nobody else.
  const before = (policy?.before ?? {}) as Partial<MachinePolicy>;
  const after = (policy?.after ?? {}) as Partial<MachinePolicy>;
  return {
    neverDestroy: before.neverDestroy === true || after.neverDestroy === true,
    powerCycle: after.powerCycle ?? site.powerCycle,
    maintenanceWindows: after.maintenanceWindows ?? site.maintenanceWindows,
  };
}
