/** The machines that both sides of bench/synth.ts describe. */

/** A public key whose private half was thrown away. */
export const sshKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqk1kYq7b4M5b0zOQ2xk8bqP7S0c5V1yM3mX9mT0q2L bench";

export function name(index: number): string {
  return `bench-${index}`;
}

export function address(index: number): string {
  return `10.${1 + Math.floor(index / 65_536)}.${Math.floor(index / 256) % 256}.${index % 256}`;
}

/** The spec file of one machine. */
export function spec(index: number): object {
  return {
    vmId: 1000 + index,
    node: "pve1",
    template: "bench",
    tags: ["bench"],
    cpu: { cores: 2 },
    disks: [{ slot: "virtio0", sizeGiB: 20, datastore: "local-lvm" }],
    networks: [{ bridge: "vmbr0", vlan: 20, ipv4: { address: `${address(index)}/8`, gateway: "10.0.0.1" } }],
    access: { sshKeys: [sshKey] },
  };
}
