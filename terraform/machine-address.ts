/** Type of the resource that is a machine; its VMID is its attribute vm_id. */
export const machineType = "proxmox_virtual_environment_vm";

/** What a resource is to its machine: the machine itself, its NixOS step, or its policy. */
export type MachinePart = "machine" | "nixos" | "policy";

const partsOf: Readonly<Record<MachinePart, { readonly prefix: string; readonly pattern: RegExp }>> = {
  machine: { prefix: `${machineType}.vm-`, pattern: /^proxmox_virtual_environment_vm\.vm-(\d+)$/ },
  nixos: { prefix: "terraform_data.nixos-", pattern: /^terraform_data\.nixos-(\d+)$/ },
  policy: { prefix: "terraform_data.policy-", pattern: /^terraform_data\.policy-(\d+)$/ },
};
const allParts = Object.keys(partsOf) as MachinePart[];

/** The address of one of a machine's resources. */
export function addressOfPart(vmId: number, part: MachinePart): string {
  return `${partsOf[part].prefix}${vmId}`;
}

/** The addresses of all resources that a machine may have. */
export function addressesOfMachine(vmId: number): string[] {
  return allParts.map((part) => addressOfPart(vmId, part));
}

/** Which machine a resource belongs to, and as what; undefined when it belongs to none. */
export function machineOfAddress(address: string): { vmId: number; part: MachinePart } | undefined {
  for (const part of allParts) {
    const vmId = partsOf[part].pattern.exec(address)?.[1];
    if (vmId !== undefined) return { vmId: Number(vmId), part };
  }
  return undefined;
}
