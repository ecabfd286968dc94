import type { VmConfig } from "../../api/vm-api.ts";
import type { Section } from "../../legacy/section.ts";
import { deleteDrives, existingCloudInitSlot } from "./cloud-init-drive.ts";
import { addCloudInit } from "./cloud-init-parameters.ts";
import type { PoweredVm } from "./power.ts";
import { powerOffFor, refuseWhileRunning } from "./power-policy.ts";
import { formatStorageDevice } from "./storage-device.ts";
import type { ConfigChange } from "./update-config-body.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Sends every configured cloud-init key again and has the drive rebuilt, which needs a power cycle.
 * The drive itself is only made anew, with the VM off, when its slot, datastore or format changes or it is missing.
 */
export async function changeCloudInit(
  operation: VmOperation,
  target: PoweredVm,
  config: VmConfig,
  change: ConfigChange,
): Promise<void> {
  const { data } = operation;
  if (!data.hasChanged("initialization")) return;
  addCloudInit(change.body.values, data);
  const block = data.now.block("initialization");
  if (block !== undefined) {
    const existing = existingCloudInitSlot(config, Number(data.id)) ?? "";
    const slot = slotFor(block, existing);
    if (existing === "" || slot !== existing || hasMoved(block, data.before.block("initialization"))) {
      await replaceDrive(operation, target, change, { block, slot, existing });
    }
  }
  change.rebuildsCloudInit = true;
  change.needsPowerCycle = true;
}

function slotFor(block: Section, existing: string): string {
  if (block.text("interface") !== "") return block.text("interface");
  return existing === "" ? "ide2" : existing;
}

function hasMoved(block: Section, before: Section | undefined): boolean {
  if (before === undefined) return false;
  return ["datastore_id", "file_format"].some((key) => block.text(key) !== before.text(key));
}

interface Drive {
  readonly block: Section;
  readonly slot: string;
  readonly existing: string;
}

async function replaceDrive(
  operation: VmOperation,
  target: PoweredVm,
  change: ConfigChange,
  { block, slot, existing }: Drive,
): Promise<void> {
  if ((await powerOffFor(target, true)) === "forbidden") {
    await refuseWhileRunning(operation, "move the Cloud-Init drive");
  }
  await deleteDrives(target.vm, [slot, existing], operation.deadline);
  const format = block.text("file_format");
  const volume = `${block.text("datastore_id")}:cloudinit`;
  const device = { volume, ...(format === "" ? {} : { format }), options: {} };
  change.body.values.set(slot, formatStorageDevice(device));
}
