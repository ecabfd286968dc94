import { expectSuccess } from "../../api/tasks.ts";
import type { VmApi, VmConfig } from "../../api/vm-api.ts";
import { efiDiskParameter, tpmStateParameter } from "./device-parameters.ts";
import { parseProperties } from "./property-string.ts";
import type { VmOperation } from "./vm-operation.ts";

/**
 * Adds the EFI disk and the TPM state that a template lacks, and moves those that it has, even to where they are.
 * Throws when the EFI disk's type differs from the template's.
 */
export async function updateClonedState(operation: VmOperation, vm: VmApi, config: VmConfig): Promise<void> {
  const { data, deadline } = operation;
  const efi = data.now.block("efi_disk");
  const tpm = data.now.block("tpm_state");
  if (efi !== undefined) {
    const current = config["efidisk0"];
    if (current === undefined) await vm.update({ efidisk0: efiDiskParameter(efi) }, deadline);
    else {
      refuseOtherEfiType(String(current), efi.text("type"));
      await move(operation, vm, "efidisk0", efi.text("datastore_id"));
    }
  }
  if (tpm !== undefined) {
    if (config["tpmstate0"] === undefined) await vm.update({ tpmstate0: tpmStateParameter(tpm) }, deadline);
    else await move(operation, vm, "tpmstate0", tpm.text("datastore_id"));
  }
}

function refuseOtherEfiType(current: string, wanted: string): void {
  const type = parseProperties(current).get("efitype")?.toLowerCase() ?? "2m";
  if (type !== wanted) throw new Error("changing the EFI disk type (4m / 2m) is not supported");
}

async function move(
  { deadline, warn }: VmOperation,
  vm: VmApi,
  disk: string,
  storage: string,
): Promise<void> {
  if (storage === "") return;
  expectSuccess(await vm.moveDisk({ delete: "1", disk, storage }, deadline), "VM disk move", warn);
}
