/** QEMU machine versions that Proxmox VE 9.2 offers, for i440fx and q35 alike. */
export const machineVersions: readonly string[] = [
  ["10.0+pve1", "10.0", "9.2+pve1", "9.2", "9.1", "9.0", "8.2", "8.1", "8.0", "7.2", "7.1", "7.0"],
  ["6.2", "6.1", "6.0", "5.2", "5.1", "5.0", "4.2", "4.1+pve2", "4.1+pve1", "4.1", "4.0", "3.1", "3.0"],
  ["2.12", "2.11", "2.10", "2.9", "2.8", "2.7", "2.6", "2.5", "2.4"],
].flat();
