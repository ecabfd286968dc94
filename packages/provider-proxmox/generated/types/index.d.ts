export * from "./data-proxmox-virtual-environment-vms.ts";
export * from "./provider.ts";
export * from "./virtual-environment-vm.ts";
