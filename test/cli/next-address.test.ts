import fc from "fast-check";
import { expect, test } from "vitest";
import { nextAddress } from "../../cli/pipeline/next-address.ts";
import { completeVmSpec } from "../../specs/complete-vm-spec.ts";
import type { Fleet, Machine } from "../../specs/fleet.ts";
import { fillSite } from "../../specs/read-site.ts";

type Pools = readonly (string | { readonly from: string; readonly to: string })[];

interface Written {
  readonly address: string;
  readonly gateway?: string;
}

const site = {
  templates: { t: { name: "t", rootDisk: { sizeGiB: 4 } } },
};

function machine(index: number, written: Written, dns: readonly string[] = []): Machine {
  const family = written.address.includes(":") ? "ipv6" : "ipv4";
  const spec = completeVmSpec(
    {
      vmId: 100 + index,
      node: "pve1",
      template: "t",
      disks: [{ slot: "virtio0", sizeGiB: 4, datastore: "local" }],
      networks: [{ bridge: "vmbr0", [family]: written }],
      dns: { servers: [...dns] },
      nixos: false,
    },
    { id: `m-${index}`, root: "/", site },
  );
  return { stack: "demo", name: spec.name, file: `vm-specs/demo/m-${index}.json`, spec };
}

function fleet(pools: Pools, machines: readonly Machine[]): Fleet {
  const filled = fillSite({ stacks: { demo: { addressPools: [...pools] } } });
  return { root: "/", site: filled, stacks: [{ name: "demo", machines }] };
}

test("The next address keeps the subnet's prefix and its machines' gateway.", () => {
  const neighbours = [machine(0, { address: "10.0.20.2/24", gateway: "10.0.20.1" })];
  expect(nextAddress(fleet(["10.0.20.0/24"], neighbours), "demo", "ipv4")).toEqual({
    address: "10.0.20.3/24",
    gateway: "10.0.20.1",
  });
});

test("Gateways, DNS servers and the ends of the subnet are never given away.", () => {
  const neighbours = [
    machine(0, { address: "10.0.20.1/29", gateway: "10.0.20.2" }, ["10.0.20.3"]),
    machine(1, { address: "10.0.20.4/29", gateway: "10.0.20.2" }),
    machine(2, { address: "10.0.20.5/29", gateway: "10.0.20.2" }),
  ];
  expect(nextAddress(fleet(["10.0.20.0/29"], neighbours), "demo", "ipv4")).toMatchObject({
    address: "10.0.20.6/29",
  });
  const last = machine(3, { address: "10.0.20.6/29", gateway: "10.0.20.2" });
  expect(nextAddress(fleet(["10.0.20.0/29"], [...neighbours, last]), "demo", "ipv4")).toBe("full");
});

test("In an empty subnet the first address is left to the router, and no gateway is guessed.", () => {
  expect(nextAddress(fleet(["10.0.20.0/24"], []), "demo", "ipv4")).toEqual({ address: "10.0.20.2/24" });
});

test("A range takes its prefix from a machine in it; without one there is no address to give.", () => {
  const range = { from: "10.0.20.50", to: "10.0.20.60" };
  const neighbours = [machine(0, { address: "10.0.20.50/24", gateway: "10.0.20.1" })];
  expect(nextAddress(fleet([range], neighbours), "demo", "ipv4")).toEqual({
    address: "10.0.20.51/24",
    gateway: "10.0.20.1",
  });
  expect(nextAddress(fleet([range], []), "demo", "ipv4")).toBe("full");
});

test("The second pool is used when the first is full; other families and stacks have no pool.", () => {
  const pools = ["10.0.20.0/30", "10.0.30.0/24", "fd00:20::/64"];
  const both = [machine(0, { address: "10.0.20.1/30" }), machine(1, { address: "10.0.20.2/30" })];
  expect(nextAddress(fleet(pools, both), "demo", "ipv4")).toEqual({ address: "10.0.30.2/24" });
  expect(nextAddress(fleet(pools, both), "demo", "ipv6")).toEqual({ address: "fd00:20::2/64" });
  expect(nextAddress(fleet(["10.0.20.0/24"], []), "demo", "ipv6")).toBeUndefined();
  expect(nextAddress(fleet(pools, []), "prod", "ipv4")).toBeUndefined();
});

test("As long as addresses are given, each lies in the pool and nobody has it; then the pool is full.", () => {
  const prefixes = fc.integer({ min: 27, max: 30 });
  fc.assert(
    fc.property(prefixes, fc.integer({ min: 0, max: 7 }), (prefix, subnet) => {
      const first = subnet * 32;
      const machines: Machine[] = [];
      const given = new Set<string>();
      for (;;) {
        const next = nextAddress(fleet([`10.0.20.${first}/${prefix}`], machines), "demo", "ipv4");
        if (next === "full" || next === undefined) break;
        const lastOctet = Number(/^10\.0\.20\.(\d+)\/(\d+)$/.exec(next.address)?.[1]);
        expect(lastOctet).toBeGreaterThan(first);
        expect(lastOctet).toBeLessThan(first + 2 ** (32 - prefix) - 1);
        expect(given.has(next.address)).toBe(false);
        given.add(next.address);
        machines.push(machine(machines.length, next));
      }
      expect(given.size).toBe(2 ** (32 - prefix) - 3);
    }),
    { numRuns: 12 },
  );
});
