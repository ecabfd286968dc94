import { runBounded } from "../lib/run-bounded.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";
import type { ClusterVm } from "../proxmox/list-vms.ts";
import type { ConfiguredMachine } from "../terraform/stack-configuration.ts";

/** What is to be known of a machine that no plan of Terraform shows. */
export interface MachineRemarks {
  readonly vmId: number;
  readonly name: string;
  readonly node: string;
  /** Sentences without the machine's name. */
  readonly remarks: readonly string[];
}

/** One key of a machine's configuration, as `GET .../pending` has it. */
interface PendingKey {
  readonly key: string;
  readonly value?: unknown;
  /** What the value becomes with the next start. */
  readonly pending?: unknown;
  /** Set when the key goes with the next start. */
  readonly delete?: number;
}

interface Observed {
  readonly vm: ClusterVm;
  readonly machine: ConfiguredMachine;
  readonly keys: readonly PendingKey[];
}

type Observation = (observed: Observed) => string | undefined;

/** What the provider does not tell, or silently leaves as it is (bpg/proxmox 0.111.1). */
const observations: readonly Observation[] = [
  ({ vm: { lock } }) =>
    lock === undefined ? undefined : `is locked (${lock}): changes fail until that ends`,
  ({ vm: { qemuStatus } }) =>
    qemuStatus === "paused" || qemuStatus === "suspended"
      ? `is ${qemuStatus}, which counts as running`
      : undefined,
  ({ keys }) =>
    sentence(keys.filter(isWaiting), "wait for a reboot to take effect", "waits for a reboot to take effect"),
  ({ keys }) =>
    sentence(
      keys.filter(({ key }) => /^unused\d+$/.test(key)),
      "are volumes that nothing uses",
      "is a volume that nothing uses",
    ),
  ({ keys, machine }) =>
    sentence(
      keys.filter((key) => isForeignDrive(key, machine)),
      "are drives that the spec does not have; they are left alone",
      "is a drive that the spec does not have; it is left alone",
    ),
  ({ keys, machine: { networkCount } }) =>
    networkCount > 0
      ? undefined
      : sentence(
          keys.filter(({ key }) => /^net\d+$/.test(key)),
          "are network cards that the spec does not have; they stay",
          "is a network card that the spec does not have; it stays",
        ),
  ({ vm: { pool }, machine: { hasPool } }) =>
    pool === undefined || hasPool ? undefined : `stays in pool ${pool}, which the spec does not name`,
  ({ keys, machine: { hasDns } }) =>
    hasDns
      ? undefined
      : sentence(
          keys.filter(({ key }) => key === "nameserver" || key === "searchdomain"),
          "stay set, though the spec has no dns",
          "stays set, though the spec has no dns",
        ),
];

const questionsAtOnce = 8;

/**
 * Looks at the machines on the cluster that the configurations describe: one request each. Machines about which
 * nothing is to be said are left out.
 * @throws what `ProxmoxClient.get` throws
 */
export async function observeMachines(
  client: ProxmoxClient,
  vms: readonly ClusterVm[],
  configured: ReadonlyMap<number, ConfiguredMachine>,
): Promise<MachineRemarks[]> {
  const known = vms.flatMap((vm) => {
    const machine = configured.get(vm.vmId);
    return machine === undefined || vm.kind !== "qemu" ? [] : [{ vm, machine }];
  });
  const observed = await runBounded(known, questionsAtOnce, async ({ vm, machine }) => {
    const path = `nodes/${encodeURIComponent(vm.node)}/qemu/${vm.vmId}/pending`;
    const keys = (await client.get(path)) as readonly PendingKey[];
    const remarks = observations.flatMap((observe) => observe({ vm, machine, keys }) ?? []);
    return { vmId: vm.vmId, name: vm.name, node: vm.node, remarks };
  });
  return observed.filter(({ remarks }) => remarks.length > 0);
}

function isWaiting({ value, pending, delete: goes }: PendingKey): boolean {
  return goes !== undefined || (pending !== undefined && pending !== value);
}

function isForeignDrive({ key, value }: PendingKey, { driveSlots }: ConfiguredMachine): boolean {
  if (!/^((scsi|virtio|sata|ide)\d+|efidisk0|tpmstate0)$/.test(key) || driveSlots.has(key)) return false;
  // Templates come with state disks and an empty CD drive, which belong to no spec.
  return !/^(efidisk|tpmstate)/.test(key) && !/\bmedia=cdrom\b/.test(String(value ?? ""));
}

/** "unused0 is a volume that nothing uses"; undefined without keys. */
function sentence(keys: readonly PendingKey[], many: string, one: string): string | undefined {
  if (keys.length === 0) return undefined;
  return `${keys.map(({ key }) => key).join(", ")} ${keys.length === 1 ? one : many}`;
}
