import type {
  VirtualEnvironmentVmInitialization,
  VirtualEnvironmentVmInitializationIpConfig,
} from "@cdktf/provider-proxmox";
import type { Network, VmSpec } from "../../specs/vm-spec.ts";
import { given } from "./given.ts";

/**
 * The cloud-init drive. Only what the spec says is written: the provider reads back no more than the blocks
 * that the configuration has, so an empty block would differ from the machine for ever.
 * A `dns` block that is taken out again is kept by the machine (bpg/proxmox 0.111.1 never deletes its keys).
 */
export function initialization(spec: VmSpec): VirtualEnvironmentVmInitialization {
  const { cloudInit } = spec;
  return given({
    datastoreId: cloudInit.datastore,
    interface: cloudInit.slot,
    type: cloudInit.type,
    upgrade: cloudInit.upgrade,
    userDataFileId: cloudInit.userData,
    vendorDataFileId: cloudInit.vendorData,
    networkDataFileId: cloudInit.networkData,
    metaDataFileId: cloudInit.metaData,
    dns: dns(spec.dns),
    ipConfig: ipConfigs(spec.networks),
    userAccount: { username: spec.access.user, ...given({ keys: nonEmpty(spec.access.sshKeys) }) },
  });
}

function dns(values: VmSpec["dns"]): VirtualEnvironmentVmInitialization["dns"] {
  const block = given({ domain: values.domain, servers: nonEmpty(values.servers) });
  return Object.keys(block).length === 0 ? undefined : block;
}

/** One element per network up to the last one with an address: the index is what ties it to its interface. */
function ipConfigs(networks: readonly Network[]): VirtualEnvironmentVmInitializationIpConfig[] | undefined {
  const last = networks.findLastIndex((network) => network.ipv4 !== undefined || network.ipv6 !== undefined);
  return nonEmpty(
    networks
      .slice(0, last + 1)
      .map((network) => given({ ipv4: ipConfig(network.ipv4), ipv6: ipConfig(network.ipv6) })),
  );
}

function ipConfig(ip: Network["ipv4"] | Network["ipv6"]) {
  if (ip === undefined) return undefined;
  if ("address" in ip) return { address: ip.address, ...given({ gateway: ip.gateway }) };
  return { address: "dhcp" in ip ? "dhcp" : "auto" };
}

function nonEmpty<T>(values: readonly T[]): T[] | undefined {
  return values.length === 0 ? undefined : [...values];
}
