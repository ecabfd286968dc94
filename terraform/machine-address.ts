/** Type of the resource that is a machine; its VMID is its attribute vm_id. */
export const machineType = "proxmox_virtual_environment_vm";

const machineAddress = /^proxmox_virtual_environment_vm\.vm-(\d+)$/;
const nixosAddress = /^terraform_data\.nixos-(\d+)$/;

/** The addresses of a machine's two resources: the machine and its NixOS step. */
export function addressesOfMachine(vmId: number): string[] {
  return [`${machineType}.vm-${vmId}`, `terraform_data.nixos-${vmId}`];
}

/** Which machine a resource belongs to, and as what; undefined when it belongs to none. */
export function machineOfAddress(address: string): { vmId: number; part: "machine" | "nixos" } | undefined {
  const machine = machineAddress.exec(address)?.[1];
  if (machine !== undefined) return { vmId: Number(machine), part: "machine" };
  const nixos = nixosAddress.exec(address)?.[1];
  return nixos === undefined ? undefined : { vmId: Number(nixos), part: "nixos" };
}
