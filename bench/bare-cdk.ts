/**
 * The yardstick of bench/synth.ts: what stacks/main.ts synthesises for the same machines, written by hand with the bare
 * CDK library and the same bindings; no specs, no validation, no look-up of anything.
 * Usage: bare-cdk.ts <number of machines> <output folder> <source of the systems>
 */
import { mkdirSync } from "node:fs";
import { argv } from "node:process";
import {
  DataProxmoxVirtualEnvironmentVms,
  ProxmoxProvider,
  VirtualEnvironmentVm,
} from "@cdktf/provider-proxmox";
import { App, LocalBackend, TerraformOutput, TerraformStack, Token } from "cdktf";
import { TerraformData } from "../constructs/terraform-data.ts";
import { address, name, sshKey } from "./machines.ts";

const unset = Token.nullValue() as never;

function addTemplate(stack: TerraformStack): DataProxmoxVirtualEnvironmentVms {
  return new DataProxmoxVirtualEnvironmentVms(stack, "template-bench", {
    filter: [
      { name: "template", values: ["true"] },
      { name: "name", values: ["bench-v1"] },
    ],
    lifecycle: {
      postcondition: [{ condition: `\${length(self.vms) == 1}`, errorMessage: "No such template." }],
    },
  });
}

function addVm(
  stack: TerraformStack,
  index: number,
  template: DataProxmoxVirtualEnvironmentVms,
): VirtualEnvironmentVm {
  const found = template.vms.get(0);
  return new VirtualEnvironmentVm(stack, `vm-${1000 + index}`, {
    vmId: 1000 + index,
    name: name(index),
    nodeName: "pve1",
    description: `Made by nixherd from vm-specs/bench/${name(index)}.json`,
    tags: ["bench", "nixherd"],
    poolId: "",
    clone: { vmId: found.vmId, nodeName: found.nodeName, full: true },
    cpu: { cores: 2, sockets: 1, type: "x86-64-v2-AES", numa: false, limit: 0 },
    memory: { dedicated: 2048, floating: 0 },
    bios: "seabios",
    acpi: true,
    scsiHardware: "virtio-scsi-single",
    tabletDevice: true,
    serialDevice: [{ device: "socket" }],
    operatingSystem: { type: "l26" },
    onBoot: true,
    started: true,
    protection: false,
    stopOnDestroy: true,
    rebootAfterUpdate: true,
    migrate: true,
    timeoutClone: 1800,
    timeoutStartVm: 300,
    timeoutShutdownVm: 180,
    timeoutStopVm: 300,
    timeoutReboot: 300,
    timeoutMigrate: 1800,
    agent: {
      enabled: true,
      timeout: "120s",
      trim: false,
      type: "virtio",
      waitForIp: { disabled: true, ipv4: false, ipv6: false },
    },
    disk: [
      {
        interface: "virtio0",
        size: 20,
        datastoreId: "local-lvm",
        aio: "io_uring",
        backup: true,
        cache: "none",
        discard: "on",
        iothread: true,
        replicate: true,
        ssd: false,
      },
    ],
    networkDevice: [
      {
        bridge: "vmbr0",
        disconnected: false,
        enabled: unset,
        firewall: false,
        macAddress: unset,
        model: "virtio",
        mtu: unset,
        queues: unset,
        rateLimit: unset,
        trunks: unset,
        vlanId: 20,
      },
    ],
    initialization: {
      datastoreId: "local-lvm",
      interface: "ide2",
      ipConfig: [{ ipv4: { address: `${address(index)}/8`, gateway: "10.0.0.1" } }],
      userAccount: { username: "root", keys: [sshKey] },
    },
    lifecycle: { ignoreChanges: ["clone", "initialization[0].user_account"] },
  });
}

function addHook(stack: TerraformStack, index: number, vm: VirtualEnvironmentVm, source: string): void {
  new TerraformData(stack, `nixos-${1000 + index}`, {
    triggersReplace: { machine: vm.id, source, spec: "0123456789abcdef" },
    dependsOn: [vm],
    provisioners: [
      {
        type: "local-exec",
        command: "scripts/hooks/post-apply.sh",
        workingDir: "../../..",
        environment: {
          NIXHERD_STACK: "bench",
          NIXHERD_VM_ID: String(1000 + index),
          NIXHERD_VM_NAME: name(index),
          NIXHERD_NODE: vm.nodeName,
          NIXHERD_ADDRESS: address(index),
          NIXHERD_SSH_USER: "root",
          NIXHERD_AGENT: "true",
          NIXHERD_POST_APPLY: "[]",
          NIXHERD_NIXOS: "true",
          NIXHERD_FLAKE: ".",
          NIXHERD_ATTRIBUTE: name(index),
          NIXHERD_BUILD_ON: "auto",
          NIXHERD_ACTION: "switch",
          NIXHERD_DEADLINE_SECONDS: "900",
          NIXHERD_HEALTH: "[]",
        },
      },
    ],
  });
}

function describe(index: number, vm: VirtualEnvironmentVm): [number, object] {
  const fixed = address(index);
  return [
    1000 + index,
    {
      id: 1000 + index,
      name: name(index),
      node: vm.nodeName,
      address: fixed,
      addresses: { ipv4: vm.ipv4Addresses, ipv6: vm.ipv6Addresses },
      ssh: `ssh root@${fixed}`,
    },
  ];
}

function main(count: number, outputFolder: string): void {
  mkdirSync(outputFolder, { recursive: true });
  const app = new App({ outdir: outputFolder });
  const stack = new TerraformStack(app, "bench");
  new LocalBackend(stack, { path: "../../../terraform.bench.tfstate" });
  new ProxmoxProvider(stack, "proxmox", {});
  const template = addTemplate(stack);
  const machines = Array.from({ length: count }, (_, index) => {
    const vm = addVm(stack, index, template);
    addHook(stack, index, vm, "fedcba9876543210");
    return describe(index, vm);
  });
  new TerraformOutput(stack, "machines", { value: Object.fromEntries(machines) });
  app.synth();
}

main(Number(argv[2]), argv[3] ?? "");
