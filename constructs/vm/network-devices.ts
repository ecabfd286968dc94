import type { VirtualEnvironmentVmNetworkDevice } from "@cdktf/provider-proxmox";
import { Token } from "cdktf";
import type { Network } from "../../specs/vm-spec.ts";

const unset = Token.nullValue() as never;

/**
 * Every key of a network device. The provider declares network_device as an attribute that may be written as blocks;
 * in JSON Terraform then wants all eleven keys of each element, null where nothing is meant.
 * A key that a newer schema adds is a compile error here.
 */
const allKeysUnset: Required<VirtualEnvironmentVmNetworkDevice> = {
  bridge: unset,
  disconnected: unset,
  enabled: unset,
  firewall: unset,
  macAddress: unset,
  model: unset,
  mtu: unset,
  queues: unset,
  rateLimit: unset,
  trunks: unset,
  vlanId: unset,
};

/**
 * The `network_device` list of a machine; net0 is the first. Left out where there is none: the provider does not unplug
 * the template's interface when it clones, so an empty list would differ from the machine after every create.
 */
export function networkDevices(
  networks: readonly Network[],
): VirtualEnvironmentVmNetworkDevice[] | undefined {
  if (networks.length === 0) return undefined;
  return networks.map((network) => ({
    ...allKeysUnset,
    bridge: network.bridge,
    disconnected: network.disconnected,
    firewall: network.firewall,
    model: network.model,
    ...(network.mac === undefined ? {} : { macAddress: network.mac.toUpperCase() }),
    ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
    ...(network.queues === undefined ? {} : { queues: network.queues }),
    ...(network.rateMBps === undefined ? {} : { rateLimit: network.rateMBps }),
    ...(network.trunks.length === 0 ? {} : { trunks: network.trunks.join(";") }),
    ...(network.vlan === undefined ? {} : { vlanId: network.vlan }),
  }));
}
