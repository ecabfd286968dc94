import type { VirtualEnvironmentVmClone, VirtualEnvironmentVmConfig } from "@cdktf/provider-proxmox";
import type { VmSpec } from "../../specs/vm-spec.ts";
import { agent } from "./agent.ts";
import { disks } from "./disks.ts";
import { given } from "./given.ts";
import { devices, firmware, processorAndMemory } from "./hardware.ts";
import { initialization } from "./initialization.ts";
import { startAndStop, terraformLifecycle } from "./lifecycle.ts";
import { networkDevices } from "./network-devices.ts";

/** The tag that every machine of ours carries, so that they can be told from others on the cluster. */
const ownTag = "nixherd";

/** A complete spec as the arguments of `proxmox_virtual_environment_vm`. */
export function vmConfig(spec: VmSpec, clone: VirtualEnvironmentVmClone): VirtualEnvironmentVmConfig {
  return {
    vmId: spec.vmId,
    name: spec.name,
    nodeName: spec.node,
    description: spec.description,
    tags: tags(spec.tags),
    // Always written: the provider ignores a pool that is taken out, and so the difference stays visible in the configuration.
    poolId: spec.pool ?? "",
    clone,
    ...processorAndMemory(spec),
    ...firmware(spec),
    ...devices(spec),
    ...startAndStop(spec),
    agent: agent(spec),
    disk: disks(spec.disks),
    ...given({ networkDevice: networkDevices(spec.networks) }),
    initialization: initialization(spec),
    lifecycle: terraformLifecycle(spec),
  };
}

/** Never empty, since the provider ignores it when all tags are taken out; sorted and unique, as the server returns them. */
function tags(specTags: readonly string[]): string[] {
  return [...new Set([ownTag, ...specTags])].sort();
}
