import type { VirtualEnvironmentVmAgent } from "@cdktf/provider-proxmox";
import type { VmSpec } from "../../specs/vm-spec.ts";

/**
 * The guest agent, always written: without the block a clone inherits the template's agent and the provider waits
 * for an address for up to fifteen minutes, in every plan (bpg/proxmox 0.111.1).
 */
export function agent({ agent: spec }: VmSpec): VirtualEnvironmentVmAgent {
  return {
    enabled: spec.enabled,
    timeout: `${spec.timeoutSeconds}s`,
    trim: spec.trim,
    type: spec.type,
    waitForIp: {
      disabled: spec.waitForIp === "none",
      ipv4: spec.waitForIp === "ipv4",
      ipv6: spec.waitForIp === "ipv6",
    },
  };
}
