import type { VirtualEnvironmentVmConfig } from "@cdktf/provider-proxmox";
import type { VmSpec } from "../../specs/vm-spec.ts";
import { given } from "./given.ts";

type Hardware = Partial<VirtualEnvironmentVmConfig>;

/** Processor, memory and NUMA topology. */
export function processorAndMemory(spec: VmSpec): Hardware {
  const { cpu, memory } = spec;
  return given({
    cpu: {
      cores: cpu.cores,
      sockets: cpu.sockets,
      type: cpu.type,
      numa: cpu.numa,
      limit: cpu.limit,
      ...given({
        flags: cpu.flags.length === 0 ? undefined : [...cpu.flags],
        units: cpu.units,
        hotplugged: cpu.vcpus,
      }),
    },
    memory: {
      dedicated: memory.sizeMiB,
      floating: memory.balloonMiB,
      ...given({
        shared: memory.sharedMiB,
        hugepages: memory.hugepages,
        keepHugepages: memory.keepHugepages,
      }),
    },
    numa:
      spec.numa.length === 0
        ? undefined
        : spec.numa.map(({ device, cpus, memoryMiB, policy, hostNodes }) => ({
            device,
            cpus,
            memory: memoryMiB,
            policy,
            ...given({ hostnodes: hostNodes }),
          })),
  });
}

/** Firmware, EFI disk, TPM and boot order; what the spec leaves out stays as the template has it. */
export function firmware(spec: VmSpec): Hardware {
  const { boot } = spec;
  return given({
    bios: boot.firmware,
    machine: boot.machine,
    bootOrder: boot.order.length === 0 ? undefined : [...boot.order],
    efiDisk:
      boot.efi === undefined
        ? undefined
        : {
            datastoreId: boot.efi.datastore,
            type: boot.efi.type,
            preEnrolledKeys: boot.efi.preEnrolledKeys,
          },
    tpmState:
      boot.tpm === undefined ? undefined : { datastoreId: boot.tpm.datastore, version: boot.tpm.version },
  });
}

/** Controllers, ports and small devices. */
export function devices(spec: VmSpec): Hardware {
  const { hardware } = spec;
  return given({
    acpi: hardware.acpi,
    scsiHardware: hardware.scsi,
    tabletDevice: hardware.tablet,
    serialDevice: hardware.serial.map((device) => ({ device })),
    operatingSystem: { type: hardware.os },
    keyboardLayout: hardware.keyboard,
    hookScriptFileId: hardware.hookScript,
    hotplug: hardware.hotplug?.join(","),
    vga:
      hardware.vga === undefined
        ? undefined
        : {
            type: hardware.vga.type,
            ...given({ memory: hardware.vga.memoryMiB, clipboard: hardware.vga.clipboard }),
          },
    watchdog: hardware.watchdog === undefined ? undefined : { enabled: true, ...hardware.watchdog },
    smbios: hardware.smbios === undefined ? undefined : given(hardware.smbios),
    audioDevice: hardware.audio === undefined ? undefined : { enabled: true, ...hardware.audio },
    virtiofs:
      hardware.virtiofs.length === 0
        ? undefined
        : hardware.virtiofs.map(({ mapping, cache, directIo, exposeAcl, exposeXattr }) => ({
            mapping,
            cache,
            directIo,
            exposeAcl,
            exposeXattr,
          })),
  });
}
