import type { Behaviours } from "../../legacy/field.ts";
import {
  anyOf,
  atLeast,
  between,
  betweenFloats,
  duration,
  empty,
  fileId,
  ipAddress,
  macAddress,
  matching,
  noQueues,
  notEmpty,
  oneOf,
  oneOfAnyCase,
  serialDevice,
  serialNumber,
  vmid,
} from "./checks.ts";
import { cpuTypes } from "./cpu-types.ts";
import { hotplugSetting, isSameHotplug } from "./hotplug.ts";
import { isSameListByKey, isSameListInAnyOrder } from "./ignored-changes.ts";

const fileFormat = { check: oneOf("qcow2", "raw", "vmdk") };
const numaRange = matching(
  /^\d+(?:-\d+)?(?:;\d+(?:-\d+)?)*$/,
  "must contain numbers or number ranges separated by ';'",
);
const withNuma = { requires: ["cpu.0.numa"] };
const machine =
  /^$|^(pc|pc(-i440fx)?-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?|q35(,viommu=(intel|virtio))?|pc-q35-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?|virt(?:-\d+(\.\d+)+)?(\+pve\d+)?)$/;
const hostname = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/;

/**
 * Defaults, checks and replacement of proxmox_virtual_environment_vm.
 * Public source: bpg/proxmox 0.111.1, proxmoxtf/resource/vm.
 */
export const vmBehaviours: Behaviours = {
  acpi: { default: true },
  bios: { default: "seabios", check: oneOf("ovmf", "seabios") },
  delete_unreferenced_disks_on_destroy: { default: true },
  description: { default: "", normalize: (text) => text.trim().replaceAll("\r\n", "\n") },
  hook_script_file_id: { default: "" },
  hotplug: { check: hotplugSetting, ignoresChange: isSameHotplug },
  keyboard_layout: {
    default: "en-us",
    check: oneOf(
      ..."da de de-ch en-gb en-us es fi fr fr-be fr-ca fr-ch hu is it ja lt mk nl no pl pt pt-br sl sv tr".split(
        " ",
      ),
    ),
  },
  kvm_arguments: { default: "" },
  machine: { default: "", check: matching(machine, "must be a valid machine type") },
  migrate: { default: false },
  name: { default: "", check: anyOf(empty, matching(hostname, "must be a valid DNS name")) },
  node_name: { check: notEmpty },
  on_boot: { default: true },
  pool_id: { default: "", ignoresChange: (before, after) => after === "" && before !== "" },
  protection: { default: false },
  purge_on_destroy: { default: true },
  reboot: { default: false },
  reboot_after_update: { default: true },
  scsi_hardware: {
    default: "virtio-scsi-pci",
    check: oneOf("lsi", "lsi53c810", "virtio-scsi-pci", "virtio-scsi-single", "megasas", "pvscsi"),
  },
  started: {
    default: true,
    ignoresChange: (_before, _after, resource) => resource.after("template") === true,
  },
  stop_on_destroy: { default: false },
  tablet_device: { default: true },
  tags: { ignoresListChange: isSameListInAnyOrder },
  "tags.*": { check: notEmpty },
  template: { default: false },
  timeout_clone: { default: 1800 },
  timeout_create: { default: 1800 },
  timeout_migrate: { default: 1800 },
  timeout_move_disk: {
    default: 1800,
    deprecation:
      "This field is deprecated and will be removed in a future release. An overall operation timeout (timeout_create / timeout_clone / timeout_migrate) is used instead.",
  },
  timeout_reboot: { default: 1800 },
  timeout_shutdown_vm: { default: 1800 },
  timeout_start_vm: { default: 1800 },
  timeout_stop_vm: { default: 300 },
  vm_id: { check: vmid },

  "agent.enabled": { default: false },
  "agent.timeout": { default: "15m", check: duration },
  "agent.trim": { default: false },
  "agent.type": { default: "virtio", check: oneOf("isa", "virtio") },
  "agent.wait_for_ip.disabled": { default: false },
  "agent.wait_for_ip.ipv4": { default: false },
  "agent.wait_for_ip.ipv6": { default: false },

  amd_sev: { replaces: true },
  "amd_sev.type": { default: "std", check: oneOf("std", "es", "snp") },
  "amd_sev.allow_smt": { default: true },
  "amd_sev.kernel_hashes": { default: false },
  "amd_sev.no_debug": { default: false },
  "amd_sev.no_key_sharing": { default: false },

  "audio_device.device": { default: "intel-hda", check: oneOf("AC97", "ich9-intel-hda", "intel-hda") },
  "audio_device.driver": { default: "spice", check: oneOf("spice") },
  "audio_device.enabled": { default: true },

  "cdrom.enabled": {
    default: false,
    deprecation:
      "Remove this attribute's configuration as it is no longer used and the attribute will be removed in the next version of the provider. Set `file_id` to `none` to leave the CDROM drive empty.",
  },
  "cdrom.file_id": { default: "", check: anyOf(oneOf("none", "cdrom"), fileId) },
  "cdrom.interface": {
    default: "ide3",
    check: matching(
      /^(ide[0-3]|sata[0-5]|scsi([0-9]|1[0-3]))$/,
      "must be one of `ide[0-3]`, `sata[0-5]`, `scsi[0-13]`",
    ),
  },

  "clone.retries": { default: 1, replaces: true },
  "clone.datastore_id": { default: "", replaces: true },
  "clone.node_name": { default: "", replaces: true },
  "clone.vm_id": { replaces: true, check: vmid },
  "clone.full": { default: true, replaces: true },

  "cpu.architecture": { default: "", check: oneOf("", "aarch64", "x86_64") },
  "cpu.cores": { default: 1, check: between(1, 2304) },
  "cpu.hotplugged": { default: 0, check: between(0, 2304) },
  "cpu.limit": { default: 0, isFloat: true, check: betweenFloats(0, 128) },
  "cpu.numa": { default: false },
  "cpu.sockets": { default: 1, check: between(1, 16) },
  "cpu.type": {
    default: "qemu64",
    check: anyOf(oneOf(...cpuTypes), matching(/^custom-.+$/, "must be a valid custom CPU type")),
  },
  "cpu.units": { check: between(1, 262144) },
  "cpu.affinity": {
    default: "",
    check: matching(/^\d+[\d-,]*$/, "must contain numbers or number ranges separated by ','"),
  },

  disk: { ignoresListChange: isSameListByKey("interface", "path_in_datastore") },
  "disk.datastore_id": { default: "local-lvm" },
  "disk.file_format": fileFormat,
  "disk.aio": { default: "io_uring", check: oneOf("io_uring", "native", "threads") },
  "disk.backup": { default: true },
  "disk.file_id": { default: "", replaces: true, check: fileId },
  "disk.import_from": { default: "", check: fileId },
  "disk.serial": { default: "", check: serialNumber },
  "disk.size": { default: 8, check: atLeast(1) },
  "disk.iothread": { default: false },
  "disk.queues": { default: 0, check: anyOf(noQueues, atLeast(2)) },
  "disk.replicate": { default: true },
  "disk.ssd": { default: false },
  "disk.discard": { default: "ignore" },
  "disk.cache": {
    default: "none",
    check: oneOf("none", "writethrough", "writeback", "unsafe", "directsync"),
  },
  "disk.speed.iops_read": { default: 0 },
  "disk.speed.iops_write": { default: 0 },
  "disk.speed.iops_read_burstable": { default: 0 },
  "disk.speed.iops_write_burstable": { default: 0 },
  "disk.speed.read": { default: 0 },
  "disk.speed.read_burstable": { default: 0 },
  "disk.speed.write": { default: 0 },
  "disk.speed.write_burstable": { default: 0 },

  "efi_disk.datastore_id": { default: "local-lvm" },
  "efi_disk.file_format": fileFormat,
  "efi_disk.type": { default: "2m", check: oneOfAnyCase("2m", "4m") },
  "efi_disk.pre_enrolled_keys": { default: false },

  "initialization.datastore_id": { default: "local-lvm" },
  "initialization.interface": {
    default: "",
    check: anyOf(
      empty,
      matching(/^ide[0-3]|sata[0-5]|scsi(?:30|[12][0-9]|[0-9])$/, "one of ide0..3|sata0..5|scsi0..30"),
    ),
    ignoresChange: (_before, after) => after === "",
  },
  "initialization.file_format": fileFormat,
  "initialization.dns.domain": { default: "" },
  "initialization.dns.servers.*": { check: ipAddress },
  "initialization.ip_config.ipv4.address": { default: "" },
  "initialization.ip_config.ipv4.gateway": { default: "" },
  "initialization.ip_config.ipv6.address": { default: "" },
  "initialization.ip_config.ipv6.gateway": { default: "" },
  "initialization.user_account.password": {
    default: "",
    ignoresChange: (before) => /^\*+$/.test(before),
  },
  "initialization.user_data_file_id": { replaces: true, check: fileId },
  "initialization.vendor_data_file_id": { replaces: true, check: fileId },
  "initialization.network_data_file_id": { replaces: true, check: fileId },
  "initialization.meta_data_file_id": { replaces: true, check: fileId },
  "initialization.type": { replaces: true, check: oneOf("configdrive2", "nocloud") },

  "memory.dedicated": { default: 512, check: between(64, 268435456) },
  "memory.floating": { default: 0, check: between(0, 268435456) },
  "memory.shared": { default: 0, check: between(0, 268435456) },
  "memory.hugepages": { default: "", check: oneOfAnyCase("1024", "2", "any"), ...withNuma },
  "memory.keep_hugepages": { default: false, ...withNuma },

  network_device: { maxItems: 32 },
  "network_device.bridge": { default: "vmbr0" },
  "network_device.enabled": {
    default: true,
    deprecation:
      "The `enabled` attribute is deprecated and will be removed in a future release. Remove the `network_device` block from your configuration instead of setting `enabled = false`.",
  },
  "network_device.firewall": { default: false },
  "network_device.mac_address": { computed: true, check: macAddress },
  "network_device.model": {
    default: "virtio",
    check: oneOf("e1000", "e1000e", "rtl8139", "virtio", "vmxnet3"),
  },
  "network_device.queues": { default: 0, check: between(0, 64) },
  "network_device.rate_limit": { default: 0, isFloat: true },
  "network_device.vlan_id": { default: 0 },
  "network_device.mtu": { default: 0 },

  numa: { ignoresListChange: isSameListByKey("device") },
  "numa.device": {
    check: matching(/^numa\d+$/, "numa node device ID must be in the format 'numaX' where X is a number"),
    ...withNuma,
  },
  "numa.cpus": { check: numaRange, ...withNuma },
  "numa.memory": { check: between(64, 268435456), ...withNuma },
  "numa.hostnodes": { check: numaRange, ...withNuma },
  "numa.policy": { default: "preferred", check: oneOfAnyCase("bind", "interleave", "preferred") },

  "operating_system.type": {
    default: "other",
    check: oneOf(..."l24 l26 other solaris w2k w2k3 w2k8 win7 win8 win10 win11 wvista wxp".split(" ")),
  },
  "rng.source": { check: notEmpty },
  "rng.max_bytes": { check: atLeast(1) },
  "rng.period": { check: atLeast(1) },
  "serial_device.device": { default: "socket", check: serialDevice },

  "smbios.family": { default: "" },
  "smbios.manufacturer": { default: "" },
  "smbios.product": { default: "" },
  "smbios.serial": { default: "" },
  "smbios.sku": { default: "" },
  "smbios.version": { default: "" },

  "startup.order": { default: -1 },
  "startup.up_delay": { default: -1 },
  "startup.down_delay": { default: -1 },

  "tpm_state.datastore_id": { default: "local-lvm" },
  "tpm_state.version": { default: "v2.0", check: oneOfAnyCase("v1.2", "v2.0") },

  vga: { computed: true },
  "vga.clipboard": { default: "", check: oneOfAnyCase("", "vnc") },
  "vga.memory": { default: 16, check: between(4, 512) },
  "vga.type": {
    default: "std",
    check: oneOf(
      ..."cirrus none qxl qxl2 qxl3 qxl4 serial0 serial1 serial2 serial3 std virtio virtio-gl vmware".split(
        " ",
      ),
    ),
  },

  "virtiofs.mapping": { check: notEmpty },
  "virtiofs.cache": { default: "auto", check: oneOf("auto", "always", "metadata", "never") },
  "virtiofs.direct_io": { default: false },
  "virtiofs.expose_acl": { default: false },
  "virtiofs.expose_xattr": { default: false },

  "watchdog.action": {
    default: "none",
    check: oneOfAnyCase("debug", "none", "pause", "poweroff", "reset", "shutdown"),
  },
  "watchdog.enabled": { default: false },
  "watchdog.model": { default: "i6300esb", check: oneOfAnyCase("i6300esb", "ib700") },
};
