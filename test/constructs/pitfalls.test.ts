import { expect, test } from "vitest";
import { vmOf } from "./synthesized.ts";

const network = { bridge: "vmbr0", ipv4: { address: "10.0.20.11/24" } };

// Each test is named after a way in which bpg/proxmox 0.111.1 hurts a configuration that only looks right.

test("network_device as an attribute: all eleven keys are written, null where nothing is meant", () => {
  const [device] = vmOf({ networks: [network] })["network_device"];
  expect(Object.keys(device).sort()).toEqual([
    "bridge",
    "disconnected",
    "enabled",
    "firewall",
    "mac_address",
    "model",
    "mtu",
    "queues",
    "rate_limit",
    "trunks",
    "vlan_id",
  ]);
  expect(device).toMatchObject({ bridge: "vmbr0", vlan_id: null, mac_address: null });
});

test("a rebuilt template replaces every machine: changes of clone are ignored", () => {
  expect(vmOf({})["lifecycle"].ignore_changes).toContain("clone");
});

test("a rebuilt template replaces the machine when the spec asks for it", () => {
  expect(vmOf({ clone: { replaceOnChange: true } })["lifecycle"].ignore_changes).not.toContain("clone");
});

test("an added SSH key power-cycles the machine: changes of user_account are ignored", () => {
  expect(vmOf({})["lifecycle"].ignore_changes).toContain("initialization[0].user_account");
});

test("a machine that was moved is destroyed and cloned again: migrate is always on", () => {
  expect(vmOf({})).toHaveProperty("migrate", true);
});

test("an unset vm_id races with other pipelines: it is always written", () => {
  expect(vmOf({ vmId: 101 })).toHaveProperty("vm_id", 101);
});

test("clone.retries takes over a foreign machine: it is never written", () => {
  expect(vmOf({})["clone"]).not.toHaveProperty("retries");
});

test("no agent block waits fifteen minutes for an address: the block is always written, with a bound", () => {
  expect(vmOf({ agent: { enabled: false } })["agent"]).toMatchObject({ enabled: false, timeout: "120s" });
});

test("a fixed address makes every plan wait for the agent: the wait is off", () => {
  expect(vmOf({ networks: [network] })["agent"].wait_for_ip).toEqual({
    disabled: true,
    ipv4: false,
    ipv6: false,
  });
});

test("an address from DHCP is waited for", () => {
  const dhcp = { bridge: "vmbr0", ipv4: { dhcp: true as const } };
  expect(vmOf({ networks: [dhcp] })["agent"].wait_for_ip).toHaveProperty("disabled", false);
});

test("agent.wait_for_ip that is left out again: its three switches are always written", () => {
  expect(vmOf({ agent: { waitForIp: "ipv6" } })["agent"].wait_for_ip).toEqual({
    disabled: false,
    ipv4: false,
    ipv6: true,
  });
});

test("an empty dns block differs for ever: it is written only with contents", () => {
  expect(vmOf({})["initialization"]).not.toHaveProperty("dns");
  expect(vmOf({ dns: { servers: ["10.0.20.1"] } })["initialization"].dns).toEqual({ servers: ["10.0.20.1"] });
});

test("user data as a resource replaces the machine: snippets are literal volume ids", () => {
  const machine = { cloudInit: { userData: "local:snippets/web.yaml" } };
  expect(vmOf(machine)["initialization"]).toHaveProperty("user_data_file_id", "local:snippets/web.yaml");
});

test("addresses are tied to interfaces by their index: one without address keeps its place", () => {
  const machine = { networks: [{ bridge: "vmbr1" }, network] };
  expect(vmOf(machine)["initialization"].ip_config).toEqual([{}, { ipv4: { address: "10.0.20.11/24" } }]);
});

test("removed tags stay on the machine: the list is never empty", () => {
  expect(vmOf({ tags: [] })["tags"]).toEqual(["nixherd"]);
});

test("tags in another order or twice differ for ever: they are sorted and unique", () => {
  expect(vmOf({ tags: ["web", "db", "nixherd"] })["tags"]).toEqual(["db", "nixherd", "web"]);
});

test("a removed pool stays: pool_id is always written, so that the difference can be seen", () => {
  expect(vmOf({})).toHaveProperty("pool_id", "");
});

test("an empty list of interfaces differs after every create: it is not written", () => {
  expect(vmOf({ networks: [], nixos: false, agent: { enabled: false } })).not.toHaveProperty(
    "network_device",
  );
});

test("a shutdown that the guest ignores fails every destroy: machines are stopped for it", () => {
  expect(vmOf({})).toMatchObject({ stop_on_destroy: true, timeout_shutdown_vm: 180 });
});

test("the provider's default processor is qemu64: the type is always written", () => {
  expect(vmOf({})["cpu"]).toHaveProperty("type", "x86-64-v2-AES");
});

test("the provider's default EFI type differs from most templates: the block is written only when the spec has it", () => {
  expect(vmOf({})).not.toHaveProperty("efi_disk");
});

test("root only kvm arguments fail with every token: they are never written", () => {
  expect(vmOf({})).not.toHaveProperty("kvm_arguments");
});
