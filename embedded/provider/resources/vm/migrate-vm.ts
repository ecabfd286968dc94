import { ApiError, inContext } from "../../api/api-error.ts";
import { deadlineIn, deadlineInSeconds, pause } from "../../api/deadline.ts";
import { expectSuccess } from "../../api/tasks.ts";
import { createVmApi, type VmApi } from "../../api/vm-api.ts";
import { isSame } from "../../wire/value.ts";
import type { PoweredVm } from "./power.ts";
import { powerOffFor } from "./power-policy.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Moves a VM to the configured node: live, by the HA manager if that has it, or after taking it out of HA for the
 * time when it is stopped. Devices of the old node are removed first; their slots are given back.
 */
export async function migrateVm(
  operation: VmOperation,
  power: PoweredVm["power"],
): Promise<ReadonlySet<string>> {
  const { data, session, warn, deadline: outer } = operation;
  const vm = createVmApi(session.api, data.before.text("node_name"), Number(data.id));
  const removed = nodeDevicesToRemove(operation);
  if (removed.length > 0)
    await removeNodeDevices(operation, { vm, data, warn, deadline: outer, power }, removed);
  const deadline = deadlineInSeconds(data.now.number("timeout_migrate"), outer);
  const timed = { ...operation, deadline };
  const { isRunning, isManaged } = await haState(timed, vm);
  if (isRunning && isManaged) await migrateByHa(timed, vm.vmid);
  else if (isManaged) await migrateOutsideHa(timed, vm);
  else await migratePlain(timed, vm);
  return new Set(removed);
}

function nodeDevicesToRemove({ data }: VmOperation): readonly string[] {
  return [
    { attribute: "hostpci", nameKey: "device" },
    { attribute: "usb", nameKey: "" },
    { attribute: "numa", nameKey: "device" },
  ].flatMap(({ attribute, nameKey }) => {
    const [before, after] = [data.before, data.now].map(
      (section) =>
        new Map(
          section.blocks(attribute).map((block, index) => {
            const name = nameKey === "" ? "" : block.text(nameKey);
            return [name === "" ? `${attribute}${index}` : name, block] as const;
          }),
        ),
    );
    const keys = ["device", "host", "id", "mapping", "mdev", "pcie", "rombar", "rom_file", "xvga", "usb3"];
    const numaKeys = ["cpus", "hostnodes", "memory", "policy"];
    return [...(before ?? [])]
      .filter(([slot, old]) => {
        const next = after?.get(slot);
        return (
          next === undefined || ![...keys, ...numaKeys].every((key) => isSame(old.raw(key), next.raw(key)))
        );
      })
      .map(([slot]) => slot);
  });
}

async function removeNodeDevices(
  operation: VmOperation,
  target: PoweredVm,
  removed: readonly string[],
): Promise<void> {
  const { isRunning, isManaged } = await haState(operation, target.vm);
  if (isRunning && isManaged) {
    throw new Error(
      `cannot remove or replace node-local devices before migrating running HA-managed VM ${target.vm.vmid}. Split this into separate applies, or stop/disable HA management for the VM before applying this change`,
    );
  }
  const isTemplate = operation.data.now.flag("template");
  if ((await powerOffFor(target, !isTemplate)) === "forbidden") {
    throw new Error(
      "cannot remove or replace node-local devices before migration while the VM is running because this change requires the VM to be powered off, but automatic power-offs/reboots are disabled by 'reboot_after_update = false'",
    );
  }
  await target.vm.update({ delete: removed.join(",") }, operation.deadline);
}

async function haState(
  { session, deadline }: VmOperation,
  vm: VmApi,
): Promise<{ isRunning: boolean; isManaged: boolean }> {
  const status = await inContext(`failed to get VM ${vm.vmid} status`, () => vm.status(deadline));
  const isManaged = await inContext(`failed to check HA status for VM ${vm.vmid}`, async () => {
    try {
      await session.api.request("GET", `cluster/ha/resources/vm:${vm.vmid}`, deadline);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) return false;
      throw error;
    }
  });
  return { isRunning: status.status === "running", isManaged };
}

async function migratePlain({ data, deadline, warn }: VmOperation, vm: VmApi): Promise<void> {
  const parameters = { online: "1", target: data.now.text("node_name"), "with-local-disks": "1" };
  expectSuccess(await vm.migrate(parameters, deadline), "VM migrate", warn);
}

async function migrateByHa({ data, session, deadline }: VmOperation, vmid: number): Promise<void> {
  const node = data.now.text("node_name");
  await inContext(`failed to initiate HA migration for VM ${vmid}`, () =>
    session.api.request("POST", `cluster/ha/resources/vm:${vmid}/migrate`, deadline, { node }),
  );
  const wait = deadlineIn(300_000, deadline);
  for (;;) {
    await pause(2000, wait);
    const list = await session.api.request("GET", "cluster/resources", wait, { type: "vm" });
    const found = (list as readonly { vmid?: number; node?: string }[]).find((entry) => entry.vmid === vmid);
    if (found?.node !== node) continue;
    if (((await createVmApi(session.api, node, vmid).status(wait)).lock ?? "") === "") return;
  }
}

// The HA manager would only note a wish for a stopped VM.
async function migrateOutsideHa(operation: VmOperation, vm: VmApi): Promise<void> {
  const { session, deadline } = operation;
  const path = `cluster/ha/resources/vm:${vm.vmid}`;
  const config = (await session.api.request("GET", path, deadline)) as Readonly<Record<string, unknown>>;
  await session.api.request("DELETE", path, deadline);
  const kept = ["comment", "group", "max_relocate", "max_restart", "state"]
    .filter((key) => config[key] !== undefined)
    .map((key) => [key, String(config[key])] as const);
  try {
    await migratePlain(operation, vm);
  } finally {
    const parameters = { ...Object.fromEntries(kept), sid: `vm:${vm.vmid}` };
    await session.api.request("POST", "cluster/ha/resources/", deadline, parameters);
  }
}
