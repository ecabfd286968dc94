import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFirewalls } from "../../../embedded/pve/state/firewall.ts";
import { runTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";
import { errorsOf } from "./settings-calls.ts";

let lab: Lab;

const cluster = "/cluster/firewall";
const machine = "/nodes/pve1/qemu/101/firewall";
const auditor = "reader@pve!all";

beforeAll(async () => {
  lab = await startLab({ tokens: [{ id: adminToken }, { id: auditor, role: "PVEAuditor" }] });
  await lab.clone(101);
});

afterAll(() => lab.pve.stop());

beforeEach(() => {
  Object.assign(lab.pve.cluster.datacenter, { firewalls: createFirewalls() });
});

async function get(path: string, params: object = {}): Promise<unknown> {
  return (await lab.admin("GET", path, { params: params as never })).data;
}

const post = (path: string, params: object) => lab.admin("POST", path, { params: params as never });
const put = (path: string, params: object) => lab.admin("PUT", path, { params: params as never });

async function comments(path: string): Promise<unknown[]> {
  return ((await get(path)) as { comment?: string }[]).map(({ comment }) => comment);
}

describe("options", () => {
  test("are shown with the digest that the real server computes of them", async () => {
    const options = { ndp: 0, radv: 1, policy_out: "ACCEPT", enable: 1, macfilter: 1, dhcp: 1, ipfilter: 0 };
    const levels = { log_level_in: "nolog", log_level_out: "nolog", policy_in: "DROP" };
    await put(`${machine}/options`, { ...options, ...levels });
    expect(await get(`${machine}/options`)).toEqual({
      ...options,
      ...levels,
      digest: "b62de06500a445bbe438ae4826ceac3e48400b2c",
    });
  });

  test.each([cluster, machine, "/nodes/pve2/firewall"])("of %s are deleted by name", async (path) => {
    await put(`${path}/options`, { enable: 1 });
    expect(await get(`${path}/options`)).toMatchObject({ enable: 1 });
    const unknown = await put(`${path}/options`, { delete: "nothing" });
    expect(errorsOf(unknown)).toEqual({ delete: "no such option 'nothing'" });
    await put(`${path}/options`, { delete: "enable" });
    expect(await get(`${path}/options`)).toEqual({ digest: "da39a3ee5e6b4b0d3255bfef95601890afd80709" });
  });

  test("a stale digest changes nothing", async () => {
    const answer = await put(`${cluster}/options`, { policy_in: "DROP", digest: "0".repeat(40) });
    expect(answer.reason).toContain("detected modified configuration");
    expect(await get(`${cluster}/options`)).not.toHaveProperty("policy_in");
  });

  test("of a node belong to it alone", async () => {
    await put("/nodes/pve1/firewall/options", { ndp: 0 });
    expect(await get("/nodes/pve2/firewall/options")).not.toHaveProperty("ndp");
  });
});

describe("rules", () => {
  const ssh = { type: "in", action: "ACCEPT", proto: "tcp", dport: "22", enable: 1, comment: "ssh" };

  test("a new one comes first, and empty settings are none", async () => {
    await post(`${machine}/rules`, {
      type: "in",
      action: "ACCEPT",
      macro: "Ping",
      enable: 1,
      dport: "",
      proto: "",
    });
    await post(`${machine}/rules`, ssh);
    const digest = "5a0166129170a423703a1592e277c326b03ebfdc";
    expect(await get(`${machine}/rules`)).toEqual([
      { ...ssh, pos: 0, digest },
      { type: "in", action: "ACCEPT", macro: "Ping", enable: 1, pos: 1, digest },
    ]);
    expect(await get(`${machine}/rules/0`)).toEqual({ ...ssh, pos: "0", digest });
  });

  test.each([
    [0, 2, ["b", "a", "c"]],
    [0, 9, ["b", "c", "a"]],
    [2, 0, ["c", "a", "b"]],
    [1, 1, ["a", "b", "c"]],
  ])("rule %i moved to %i stands before the one that was there", async (from, to, order) => {
    for (const comment of ["c", "b", "a"]) await post(`${cluster}/rules`, { ...ssh, comment });
    await put(`${cluster}/rules/${from}`, { moveto: to });
    expect(await comments(`${cluster}/rules`)).toEqual(order);
  });

  test("one is changed, settings are taken away, and it is deleted by its position", async () => {
    await post(`${cluster}/rules`, { ...ssh, log: "info" });
    await put(`${cluster}/rules/0`, { dport: "2222", delete: "log,comment" });
    expect(await get(`${cluster}/rules/0`)).toMatchObject({ dport: "2222", enable: 1 });
    expect(await get(`${cluster}/rules/0`)).not.toHaveProperty("log");
    const needed = await put(`${cluster}/rules/0`, { delete: "action" });
    expect(errorsOf(needed)).toEqual({ delete: "unable to delete required property 'action'" });
    await lab.admin("DELETE", `${cluster}/rules/0`);
    expect((await lab.admin("GET", `${cluster}/rules/0`)).reason).toBe("no rule at position 0");
  });

  test("a stale digest neither changes nor deletes one", async () => {
    await post(`${cluster}/rules`, ssh);
    const digest = "0".repeat(40);
    const changed = await put(`${cluster}/rules/0`, { dport: "1", digest });
    const deleted = await lab.admin("DELETE", `${cluster}/rules/0`, { params: { digest } });
    expect([changed.status, deleted.status]).toEqual([500, 500]);
    expect(await get(`${cluster}/rules/0`)).toMatchObject({ dport: "22" });
  });

  test.each([
    [{ dport: "22", proto: "" }, { proto: "missing property - 'dport' requires this property" }],
    [
      { proto: "icmp", dport: "", "icmp-type": "nothing" },
      { "icmp-type": expect.stringContaining("invalid icmp-type") },
    ],
    [{ proto: "gre" }, { dport: "protocol 'gre' does not support ports" }],
    [{ proto: "nope" }, { proto: "invalid format - unknown protocol 'nope'\n" }],
    [{ dport: "70000" }, { dport: "invalid format - invalid port '70000'\n" }],
    [{ dport: "9:1" }, { dport: expect.stringContaining("did you mean '1:9'?") }],
    [{ source: "10.0.0.1/24" }, { source: expect.stringContaining("invalid IP address") }],
    [{ source: "10.0.0.0/24,fe80::/64" }, { source: expect.stringContaining("mixed ipv4/ipv6") }],
    [{ source: "nowhere" }, { source: "no such alias 'nowhere'" }],
    [{ dest: "+nothing" }, { dest: "no such ipset 'nothing'" }],
    [{ macro: "Nope" }, { macro: "unknown macro 'Nope'" }],
    [{ action: "MAYBE" }, { action: "unknown action 'MAYBE'" }],
    [{ type: "forward" }, { type: "invalid rule type 'forward' for rule_env 'vm'" }],
    [{ iface: "eth0" }, { iface: "value does not match the regex pattern 'net\\d+'" }],
  ])("%o is refused", async (wrong, errors) => {
    const answer = await post(`${machine}/rules`, { ...ssh, ...wrong });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toEqual(errors);
    expect(await get(`${machine}/rules`)).toEqual([]);
  });

  test("addresses say their IP version, names that vanished are reported", async () => {
    await post(`${cluster}/aliases`, { name: "gw", cidr: "fd00::1" });
    await post(`${machine}/rules`, { ...ssh, source: "gw" });
    expect(await get(`${machine}/rules/0`)).toMatchObject({ ipversion: 6 });
    await lab.admin("DELETE", `${cluster}/aliases/gw`);
    expect(await get(`${machine}/rules/0`)).toMatchObject({ errors: { source: "no such alias 'gw'" } });
  });

  test("are changed by those only who may configure the machine's network", async () => {
    const answer = await lab.as(auditor)("POST", `${machine}/rules`, { params: ssh });
    expect(answer).toMatchObject({
      status: 403,
      reason: "Permission check failed (/vms/101, VM.Config.Network)",
    });
  });
});

describe("aliases", () => {
  test("a single address loses its prefix, names are the same in capitals", async () => {
    await post(`${cluster}/aliases`, { name: "Gw", cidr: "10.99.0.1/32", comment: "gateway" });
    const alias = { name: "Gw", cidr: "10.99.0.1", ipversion: 4, comment: "gateway" };
    expect(await get(`${cluster}/aliases/gw`)).toEqual(alias);
    const again = await post(`${cluster}/aliases`, { name: "GW", cidr: "10.0.0.1" });
    expect(errorsOf(again)).toEqual({ name: "alias 'GW' already exists" });
    expect(errorsOf(await lab.admin("GET", `${cluster}/aliases/other`))).toEqual({ name: "no such alias" });
  });

  test("one is renamed where the name is free", async () => {
    await post(`${machine}/aliases`, { name: "one", cidr: "10.0.0.1" });
    await post(`${machine}/aliases`, { name: "two", cidr: "10.0.0.2" });
    const taken = await put(`${machine}/aliases/one`, { cidr: "10.0.0.3", rename: "two" });
    expect(errorsOf(taken)).toEqual({ name: "alias 'two' already exists" });
    await put(`${machine}/aliases/one`, { cidr: "10.0.0.3", rename: "three" });
    const names = ((await get(`${machine}/aliases`)) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(["three", "two"]);
  });
});

describe("IP sets", () => {
  const lan = `${cluster}/ipset/lan`;

  test("hold addresses once, with digests as the real server's", async () => {
    await post(`${cluster}/ipset`, { name: "lan" });
    expect(await get(`${cluster}/ipset`)).toEqual([
      { name: "lan", digest: "f8aaf7b9b4b5aa4de34e215bde936171811e30a4" },
    ]);
    await post(lan, { cidr: "10.99.0.0/24" });
    expect(await get(lan)).toEqual([
      { cidr: "10.99.0.0/24", digest: "866f517264a85df3faf5caa1777e363f8d89b1ca" },
    ]);
    expect(errorsOf(await post(lan, { cidr: "10.99.0.0/24" }))).toEqual({
      cidr: "address '10.99.0.0/24' already exists",
    });
    expect(errorsOf(await post(lan, { cidr: "0.0.0.0/0" }))).toEqual({
      cidr: "a zero prefix is not allowed in ipset entries",
    });
  });

  test("an entry is changed and deleted by its address", async () => {
    await post(`${cluster}/ipset`, { name: "lan" });
    await post(lan, { cidr: "10.0.0.0/8", comment: "all" });
    const entry = `${lan}/${encodeURIComponent("10.0.0.0/8")}`;
    await put(entry, { nomatch: 1 });
    expect(await get(entry)).toEqual({ cidr: "10.0.0.0/8", nomatch: 1, digest: expect.any(String) });
    expect((await lab.admin("DELETE", lan)).reason).toBe("IPSet 'lan' is not empty");
    await lab.admin("DELETE", entry);
    expect(errorsOf(await lab.admin("GET", entry))).toEqual({ cidr: "no such IP/Network" });
    expect((await lab.admin("DELETE", lan)).status).toBe(200);
    expect((await lab.admin("GET", lan)).reason).toBe("no such IPSet 'lan'");
  });
});

describe("security groups", () => {
  const web = `${cluster}/groups/web`;

  test("have rules of their own and are not deleted while they do", async () => {
    await post(`${cluster}/groups`, { group: "web", comment: "servers" });
    await post(web, { type: "in", action: "ACCEPT", proto: "tcp", dport: "80", enable: 1 });
    expect(await get(web)).toMatchObject([{ dport: "80", pos: 0 }]);
    expect((await lab.admin("DELETE", web)).reason).toBe("Security group 'web' is not empty");
    const nested = await post(web, { type: "group", action: "web" });
    expect(errorsOf(nested)).toEqual({ type: "invalid rule type 'group' for rule_env 'group'" });
    await lab.admin("DELETE", `${web}/0`);
    await lab.admin("DELETE", web);
    expect((await lab.admin("GET", web)).reason).toBe("no such security group 'web'");
  });

  test("a new name reaches every rule that refers to the group", async () => {
    await post(`${cluster}/groups`, { group: "web" });
    await post(`${machine}/rules`, { type: "group", action: "web", iface: "net0", proto: "tcp", enable: 1 });
    await post(`${cluster}/groups`, { group: "www", rename: "web" });
    const [rule] = (await get(`${machine}/rules`)) as Record<string, unknown>[];
    expect(rule).toMatchObject({ type: "group", action: "www", iface: "net0" });
    expect(rule).not.toHaveProperty("proto");
  });
});

describe("the firewall of a machine", () => {
  test("goes with it, and a clone starts with a copy of it", async () => {
    await lab.clone(102);
    const firewall = "/nodes/pve1/qemu/102/firewall/options";
    await put(firewall, { enable: 1, policy_in: "DROP" });
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/102/clone", { newid: 103, full: 1 });
    expect(await get("/nodes/pve1/qemu/103/firewall/options")).toMatchObject({
      enable: 1,
      policy_in: "DROP",
    });
    await runTask(lab.admin, "DELETE", "/nodes/pve1/qemu/102");
    expect(await get(firewall)).not.toHaveProperty("enable");
  });

  test("refers to the cluster's names and its own", async () => {
    await post(`${cluster}/aliases`, { name: "Gw", cidr: "10.0.0.1", comment: "gateway" });
    await post(`${machine}/ipset`, { name: "mine" });
    expect(await get(`${machine}/refs`)).toEqual([
      { type: "alias", name: "gw", ref: "gw", scope: "dc", comment: "gateway" },
      { type: "ipset", name: "mine", ref: "+mine", scope: "guest" },
    ]);
    expect(await get(`${machine}/refs`, { type: "alias" })).toHaveLength(1);
  });

  test("logs nothing", async () => {
    const { body } = await lab.admin("GET", `${machine}/log`);
    expect(body).toEqual({ data: [{ n: 1, t: "no content" }], total: 0 });
  });
});
