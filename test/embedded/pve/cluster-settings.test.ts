import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "./lab.ts";
import { callsOfAdmin, emptySections, errorsOf } from "./settings-calls.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
  for (const vmid of [101, 102, 103]) await lab.clone(vmid);
});

afterAll(() => lab.pve.stop());

beforeEach(() => emptySections(lab));

const { get, post, put } = callsOfAdmin(() => lab);

describe("hardware mappings", () => {
  const gpu = "node=pve1,path=0000:01:00.0,id=1002:6987,iommugroup=1,subsystem-id=1002:0b0c";

  test("maps are lists, checked against the node's devices when asked", async () => {
    await post("/cluster/mapping/pci", { id: "gpu", map: gpu, mdev: 0 });
    expect(await get("/cluster/mapping/pci/gpu")).toMatchObject({ type: "pci", map: [gpu], mdev: 0 });
    const checks = async (node: string) => {
      const [entry] = (await get("/cluster/mapping/pci", { "check-node": node })) as unknown as [
        { checks: unknown },
      ];
      return entry.checks;
    };
    expect(await checks("pve1")).toEqual([]);
    expect(await checks("pve2")).toEqual([{ severity: "warning", message: "No mapping for node pve2." }]);
    await put("/cluster/mapping/pci/gpu", { map: gpu.replace("iommugroup=1", "iommugroup=7") });
    expect(await checks("pve1")).toMatchObject([
      { message: expect.stringContaining("'iommugroup' does not match") },
    ]);
  });

  test("a line without its node is refused where it stands", async () => {
    const answer = await post("/cluster/mapping/usb", { id: "stick", map: "id=0403:6001" });
    expect(errorsOf(answer)).toEqual({
      "map[0]": "invalid format - format error\nmap[0].node: property is missing and it is not optional\n",
    });
  });

  test.each([
    ["pci", "hardware", gpu],
    ["usb", "hardware", "node=pve1,id=0403:6001"],
    ["dir", "directory", "node=pve1,path=/mnt/data"],
  ])("%s mappings are made once and changed with their map", async (type, words, map) => {
    const path = `/cluster/mapping/${type}`;
    await post(path, { id: "one", map });
    expect((await post(path, { id: "one", map })).reason).toBe(
      `create ${words} mapping failed: ${type} ID 'one' already defined`,
    );
    await put(`${path}/one`, { map, description: "first" });
    expect(await get(`${path}/one`)).toMatchObject({ description: "first" });
    expect((await put(`${path}/two`, { map })).reason).toContain(`${type} ID 'two' does not exist`);
    await lab.admin("DELETE", `${path}/one`);
    expect((await lab.admin("GET", `${path}/one`)).reason).toBe("mapping 'one' not found");
  });

  test("a directory is shared from one path per node", async () => {
    const params = new URLSearchParams([
      ["map", "node=pve1,path=/a"],
      ["map", "node=pve1,path=/b"],
    ]);
    const map = params.getAll("map").join("\0");
    const answer = await post("/cluster/mapping/dir", { id: "twice", map });
    expect(answer.reason).toBe("Node 'pve1' is specified 2 times.");
  });
});

describe("options of the cluster", () => {
  test("property strings are shown in their parts, the bandwidth limit as text", async () => {
    await put("/cluster/options", {
      migration: "type=secure,network=10.0.0.0/8",
      bwlimit: "default=666666",
      "registered-tags": "web;db",
      description: "ours",
    });
    expect(await get("/cluster/options")).toMatchObject({
      migration: { type: "secure", network: "10.0.0.0/8" },
      bwlimit: "default=666666",
      "registered-tags": ["db", "web"],
      description: "ours\n",
      mac_prefix: "BC:24:11",
    });
    await put("/cluster/options", { delete: "migration,description" });
    expect(await get("/cluster/options")).not.toHaveProperty("migration");
  });

  test("free ids are looked for in their range", async () => {
    await put("/cluster/options", { "next-id": "lower=101,upper=104" });
    const full = await lab.admin("GET", "/cluster/nextid");
    expect(full.reason).toBe("unable to get any free VMID in range [101, 104]");
    const wrong = await put("/cluster/options", { "next-id": "lower=200,upper=150" });
    expect(wrong.reason).toBe("lower (200) <= upper (150) boundary rule broken");
    await put("/cluster/options", { "next-id": "lower=200" });
    expect(await get("/cluster/nextid")).toBe("200");
    await put("/cluster/options", { delete: "next-id" });
  });
});

describe("realms", () => {
  test("a directory is added without its password; at most one realm is the default", async () => {
    const corp = {
      realm: "corp",
      type: "ldap",
      server1: "ldap.example.org",
      base_dn: "dc=x",
      user_attr: "uid",
    };
    await post("/access/domains", { ...corp, password: "secret", default: 1 });
    const shown = await get("/access/domains/corp");
    expect(shown).toMatchObject({ type: "ldap", server1: "ldap.example.org", default: 1 });
    expect(JSON.stringify(shown)).not.toContain("secret");
    await put("/access/domains/pve", { default: 1 });
    expect(await get("/access/domains/corp")).not.toHaveProperty("default");
    await lab.admin("DELETE", "/access/domains/corp");
    const gone = await lab.admin("DELETE", "/access/domains/corp");
    expect(gone.reason).toBe("delete auth server failed: authentication domain 'corp' does not exist");
  });

  test("the built-in ones are neither made nor deleted", async () => {
    const made = await post("/access/domains", { realm: "pve", type: "ldap" });
    expect(made.reason).toBe("add auth server failed: unable to use reserved name 'pve'");
    await lab.admin("DELETE", "/access/domains/pam");
    const realms = ((await get("/access/domains")) as unknown as { realm: string }[]).map(
      ({ realm }) => realm,
    );
    expect(realms).toEqual(["pam", "pve"]);
  });
});
