import type { VirtualEnvironmentVmConfig } from "@cdktf/provider-proxmox";
import type { TerraformResourceLifecycle } from "cdktf";
import type { VmSpec } from "../../specs/vm-spec.ts";
import { given } from "./given.ts";

/** How the machine starts, stops, moves and goes away. */
export function startAndStop({ lifecycle }: VmSpec): Partial<VirtualEnvironmentVmConfig> {
  const { startup, timeouts } = lifecycle;
  return given({
    onBoot: lifecycle.startOnBoot,
    started: lifecycle.started,
    protection: lifecycle.protection,
    stopOnDestroy: lifecycle.stopOnDestroy,
    rebootAfterUpdate: lifecycle.rebootAfterUpdate,
    // Without it a machine that was moved to another node is destroyed and cloned again.
    migrate: true,
    startup:
      startup === undefined
        ? undefined
        : given({
            order: startup.order,
            upDelay: startup.upDelaySeconds,
            downDelay: startup.downDelaySeconds,
          }),
    timeoutClone: timeouts.cloneSeconds,
    timeoutStartVm: timeouts.startSeconds,
    timeoutShutdownVm: timeouts.shutdownSeconds,
    timeoutStopVm: timeouts.stopSeconds,
    timeoutReboot: timeouts.rebootSeconds,
    timeoutMigrate: timeouts.migrateSeconds,
  });
}

/**
 * What Terraform leaves alone. A rebuilt template (`clone`) must not replace machines, and an added key
 * (`user_account`) must not power-cycle them: keys of a running machine are its NixOS configuration's job.
 */
export function terraformLifecycle(spec: VmSpec): TerraformResourceLifecycle {
  const { ignoreChanges, preventDestroy } = spec.lifecycle;
  const clone = spec.template.replaceOnChange ? [] : ["clone"];
  return {
    ignoreChanges: [...clone, "initialization[0].user_account", ...ignoreChanges],
    ...(preventDestroy ? { preventDestroy } : {}),
  };
}
