import { expect, test } from "vitest";
import { resourceTypes } from "../../../embedded/provider/provider-types.ts";
import type { ValueObject } from "../../../embedded/provider/wire/value.ts";

/** Wrong values of one machine, and what bpg/proxmox 0.111.1 says of it under OpenTofu 1.12.6. */
const wrongMachines: readonly (readonly [string, ValueObject, readonly string[]])[] = [
  [
    "name, VMID, processor, memory, firmware and network card",
    {
      name: "a_b",
      vm_id: 5,
      cpu: [{ cores: 0, sockets: 99, units: -1 }],
      memory: [{ dedicated: 1, floating: -1 }],
      bios: "x",
      network_device: [{ mac_address: "xx", model: "foo" }],
    },
    [
      'expected "mac_address" to be a valid MAC address (A0:B1:C2:D3:E4:F5), got "xx"',
      'expected "name" to be an empty string: got a_b',
      'expected bios to be one of ["ovmf" "seabios"], got x',
      "expected cores to be in the range (1 - 2304), got 0",
      "expected dedicated to be in the range (64 - 268435456), got 1",
      "expected floating to be in the range (0 - 268435456), got -1",
      'expected model to be one of ["e1000" "e1000e" "rtl8139" "virtio" "vmxnet3"], got foo',
      "expected sockets to be in the range (1 - 16), got 99",
      "expected units to be in the range (1 - 262144), got -1",
      "expected vm_id to be in the range (100 - 2147483647), got 5",
      "invalid value for name (must be a valid DNS name)",
    ],
  ],
  [
    "agent and cloud-init",
    {
      agent: [{ enabled: true, timeout: "x", type: "y" }],
      initialization: [{ dns: [{ servers: ["zz", "yy"] }], interface: "foo", type: "bar" }],
    },
    [
      'expected "interface" to be an empty string: got foo',
      "expected initialization.0.dns.0.servers.0 to contain a valid IP, got: zz",
      "expected initialization.0.dns.0.servers.1 to contain a valid IP, got: yy",
      'expected type to be one of ["configdrive2" "nocloud"], got bar',
      'expected type to be one of ["isa" "virtio"], got y',
      "expected value of timeout to be a duration - got: x",
      "invalid value for interface (one of ide0..3|sata0..5|scsi0..30)",
    ],
  ],
  [
    "two disks",
    {
      disk: [
        { interface: "virtio0", size: 0, aio: "q", cache: "w", file_format: "r" },
        { interface: "foo1", size: -3, serial: "a".repeat(30) },
      ],
    },
    [
      'expected aio to be one of ["io_uring" "native" "threads"], got q',
      'expected cache to be one of ["none" "writethrough" "writeback" "unsafe" "directsync"], got w',
      'expected file_format to be one of ["qcow2" "raw" "vmdk"], got r',
      `expected length of serial to be in the range (0 - 20), got ${"a".repeat(30)}`,
      "expected size to be at least (1), got -3",
      "expected size to be at least (1), got 0",
    ],
  ],
];

test.each(wrongMachines)(
  "a machine with wrong values for %s has all of them told at once",
  (_what, config, texts) => {
    const type = resourceTypes.get("proxmox_virtual_environment_vm");
    const told = type?.validate(config).map(({ summary }) => summary) ?? [];
    expect(told.toSorted()).toEqual(texts);
  },
);
