import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ nodes: [{ name: "pve1", nameserver: "192.0.2.53" }] });
  await lab.clone(101, { name: "web-1" });
  await lab.set(101, { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0" });
});
afterAll(() => lab.pve.stop());

const cloudInit = "/nodes/pve1/qemu/101/cloudinit";

async function dump(type: string): Promise<string> {
  const { data } = await lab.admin("GET", `${cloudInit}/dump`, { params: { type } });
  return String(data);
}

async function waiting(): Promise<string[]> {
  const { data } = await lab.admin("GET", cloudInit);
  return (data as { key: string }[]).filter((entry) => "pending" in entry).map(({ key }) => key);
}

describe("the cloud-init drive", () => {
  test.each([
    ["ip=dhcp", "      - type: dhcp4\n"],
    ["ip6=dhcp", "      - type: dhcp6\n"],
    ["ip6=auto", "      - type: ipv6_slaac\n"],
    [
      "ip=192.0.2.5/25,gw=192.0.2.1",
      "      - type: static\n        address: '192.0.2.5'\n        netmask: '255.255.255.128'\n        gateway: '192.0.2.1'\n",
    ],
    [
      "ip6=2001:db8::5/64,gw6=2001:db8::1",
      "      - type: static6\n        address: '2001:db8::5/64'\n        gateway: '2001:db8::1'\n",
    ],
  ])("configures a network device from %s", async (ipconfig0, subnet) => {
    await lab.set(101, { ipconfig0 });
    expect(await dump("network")).toBe(
      "version: 1\nconfig:\n    - type: physical\n      name: eth0\n      mac_address: 'bc:24:11:00:00:01'\n" +
        `      subnets:\n${subnet}    - type: nameserver\n      address:\n      - '192.0.2.53'\n`,
    );
  });

  test("names the machine's own servers and domain instead of the node's", async () => {
    await lab.set(101, { nameserver: "192.0.2.1 192.0.2.2", searchdomain: "example.org" });
    expect(await dump("network")).toMatch(
      /- '192\.0\.2\.1'\n {6}- '192\.0\.2\.2'\n {6}search:\n {6}- 'example\.org'\n$/,
    );
    expect(await dump("user")).toContain(
      "hostname: web-1\nmanage_etc_hosts: true\nfqdn: web-1.example.org\n",
    );
  });

  test("creates the default user unless the user is root", async () => {
    expect(await dump("user")).toContain("users:\n  - default\n");
    await lab.set(101, { ciuser: "root" });
    expect(await dump("user")).not.toContain("users:");
  });

  test("is a new instance to the guest when anything on it changes", async () => {
    const before = await dump("meta");
    await lab.set(101, { ciuser: "nixos" });
    expect(await dump("meta")).not.toBe(before);
    await lab.set(101, { ciuser: "root" });
    expect(await dump("meta")).toBe(before);
  });

  test("of a machine that is off has nothing to wait for: its start writes the drive", async () => {
    await lab.set(101, { ciuser: "bob" });
    expect(await waiting()).toEqual([]);
  });

  test("of a machine that runs has new values when it is written anew, and at the latest at the next start", async () => {
    await lab.start(101);
    await lab.set(101, { ciuser: "ann" });
    expect(await waiting()).toEqual(["ciuser"]);
    await lab.admin("PUT", cloudInit);
    expect(await waiting()).toEqual([]);
    await lab.set(101, { ciuser: "eve" });
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/status/stop");
    await lab.start(101);
    expect(await waiting()).toEqual([]);
  });

  test("of a machine that runs is written at once when its hot-plugging says so", async () => {
    await lab.set(101, { hotplug: "network,disk,cloudinit" });
    await lab.set(101, { ciuser: "kim" });
    expect(await waiting()).toContain("ciuser");
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/status/stop");
    await lab.start(101);
    await lab.set(101, { ciuser: "lee" });
    expect(await waiting()).toEqual([]);
  });
});
