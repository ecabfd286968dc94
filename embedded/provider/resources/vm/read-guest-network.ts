import { ApiError } from "../../api/api-error.ts";
import { type Deadline, deadlineIn, isDeadlineExceeded } from "../../api/deadline.ts";
import { poll } from "../../api/retry.ts";
import type { GuestInterface, VmApi, VmConfig } from "../../api/vm-api.ts";
import type { Section } from "../../legacy/section.ts";
import { parseDurationMs } from "./checks.ts";
import { isGlobalUnicast } from "./global-unicast.ts";
import { parseProperties } from "./property-string.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Asks the guest agent for addresses until there is one, at each refresh too: up to the agent's timeout (15 minutes
 * by default). Nothing is asked when the VM is stopped, its agent is off or wait_for_ip is disabled. An agent that
 * stays silent is a warning.
 */
export async function readGuestNetwork(operation: VmOperation, vm: VmApi, config: VmConfig): Promise<void> {
  const { data, warn } = operation;
  const agent = parseProperties(String(config["agent"] ?? ""), "enabled");
  let interfaces: readonly GuestInterface[] = [];
  if (data.now.flag("started") && agent.get("enabled") === "1") {
    try {
      interfaces = await waitForInterfaces(operation, vm);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      warn({
        severity: "WARNING",
        summary: "error waiting for network interfaces from QEMU agent",
        detail,
      });
    }
    data.set(
      "mac_addresses",
      interfaces.map((nic) => (nic["hardware-address"] ?? "").toUpperCase()),
    );
  }
  data.set(
    "ipv4_addresses",
    interfaces.map((nic) => addressesOf(nic, "ipv4")),
  );
  data.set(
    "ipv6_addresses",
    interfaces.map((nic) => addressesOf(nic, "ipv6")),
  );
  data.set(
    "network_interface_names",
    interfaces.map((nic) => nic.name ?? ""),
  );
}

async function waitForInterfaces(
  { data, deadline: outer }: VmOperation,
  vm: VmApi,
): Promise<readonly GuestInterface[]> {
  const agent = data.now.block("agent");
  const wanted = agent?.block("wait_for_ip");
  if (wanted?.flag("disabled") === true) return [];
  const deadline = deadlineIn(parseDurationMs(agent?.text("timeout") ?? "15m") ?? 0, outer);
  try {
    return await poll(deadline, () => readyInterfaces(vm, wanted, deadline), isWorthWaiting);
  } catch (error) {
    if (isDeadlineExceeded(error)) {
      const text = `timeout while waiting for the QEMU agent on VM "${vm.vmid}" to publish the network interfaces`;
      throw new Error(text, { cause: error });
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`error waiting for VM network interfaces: ${message}`, { cause: error });
  }
}

// Only a missing permission will not change by waiting.
function isWorthWaiting(error: Error): boolean {
  return !(error instanceof ApiError && error.status === 403);
}

async function readyInterfaces(
  vm: VmApi,
  wanted: Section | undefined,
  deadline: Deadline,
): Promise<readonly GuestInterface[] | undefined> {
  const interfaces = await vm.guestInterfaces(deadline);
  const addresses = interfaces
    .filter((nic) => nic.name !== "lo")
    .flatMap((nic) => nic["ip-addresses"] ?? [])
    .map((entry) => entry["ip-address"])
    .filter(isGlobalUnicast);
  const hasIpv6 = addresses.some((address) => address.includes(":"));
  const hasIpv4 = addresses.some((address) => !address.includes(":"));
  const [needsIpv4, needsIpv6] = [wanted?.flag("ipv4") === true, wanted?.flag("ipv6") === true];
  const isReady =
    needsIpv4 || needsIpv6 ? (!needsIpv4 || hasIpv4) && (!needsIpv6 || hasIpv6) : hasIpv4 || hasIpv6;
  return isReady ? interfaces : undefined;
}

function addressesOf(nic: GuestInterface, type: string): readonly string[] {
  return (nic["ip-addresses"] ?? [])
    .filter((entry) => entry["ip-address-type"] === type)
    .map((entry) => entry["ip-address"]);
}
