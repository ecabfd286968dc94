/** A public key whose private half was thrown away; embedded machines also accept their cluster's own key. */
const sshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqk1kYq7b4M5b0zOQ2xk8bqP7S0c5V1yM3mX9mT0q2L ops@example";

/** The site file of the tests: the embedded cluster's golden template, 4 GiB on virtio0. */
export const site = {
  templates: { nixos: { name: "nixos-26.05-v1", rootDisk: { slot: "virtio0", sizeGiB: 4 } } },
};

/** A small machine on the embedded cluster; `more` takes the place of whole keys. */
export function machine(vmId: number, more: object = {}): object {
  return {
    vmId,
    node: "pve1",
    template: "nixos",
    memory: { sizeMiB: 1024 },
    disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
    networks: [{ bridge: "vmbr0", ipv4: { address: `10.0.20.${vmId % 250}/24`, gateway: "10.0.20.254" } }],
    access: { sshKeys: [sshKey] },
    nixos: { buildOn: "target" },
    ...more,
  };
}
