import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

const efi = section("The disk that keeps UEFI variables; only with ovmf. Left out: the template's is kept.", {
  datastore: Type.String({ ...forms.datastore, description: "Storage of the disk." }),
  type: defaulted(
    Type.Enum(["2m", "4m"], {
      description: `Size and kind; must be the template's. Default: "4m". ${onChange.replace}`,
    }),
    "4m",
  ),
  preEnrolledKeys: defaulted(
    Type.Boolean({
      description: "Comes with Microsoft's keys, which switches Secure Boot on. Default: false.",
    }),
    false,
  ),
});

const tpm = section("The TPM and its state.", {
  datastore: Type.String({ ...forms.datastore, description: "Storage of the state." }),
  version: defaulted(
    Type.Enum(["v1.2", "v2.0"], { description: `Default: "v2.0". ${onChange.replace}` }),
    "v2.0",
  ),
});

/** Firmware, chipset and boot order. */
export const boot = section(`Firmware, chipset and boot order. ${onChange.powerCycle}`, {
  firmware: Type.Optional(
    Type.Enum(["seabios", "ovmf"], {
      description:
        "BIOS (seabios) or UEFI (ovmf); must be what the template was installed with. Default: the template's.",
    }),
  ),
  machine: Type.Optional(
    Type.String({
      ...forms.machineType,
      description: 'QEMU machine type, such as "q35" or "pc-q35-9.2+pve1". Default: the template\'s.',
      examples: ["q35", "pc"],
    }),
  ),
  order: defaulted(
    Type.Array(Type.String(), {
      description:
        'Devices to boot from, first one first, such as ["virtio0", "net0"]. Default: none, which keeps the template\'s.',
    }),
    [],
  ),
  efi: Type.Optional(efi),
  tpm: Type.Optional(tpm),
});
