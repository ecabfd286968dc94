import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

async function open(): Promise<void> {
  lab = await startLab({ delays: { haRoundMs: 3_600_000 } });
  await lab.clone(101);
  await lab.clone(102);
}

afterEach(() => lab.pve.stop());

const manage = (vmid: number, params: object = {}) =>
  lab.admin("POST", "/cluster/ha/resources", { params: { sid: `vm:${vmid}`, ...params } as never });

const rule = (params: object) => lab.admin("POST", "/cluster/ha/rules", { params: params as never });

const errorsOf = (answer: { body: unknown }) => (answer.body as { errors?: unknown }).errors;

describe("HA resources", () => {
  beforeEach(() => open());

  test("a resource shows what was set, its type and the digest of the whole file", async () => {
    await lab.clone(144);
    await manage(144, { comment: "managed", max_restart: 2, state: "started", type: "vm" });
    const { data } = await lab.admin("GET", "/cluster/ha/resources/vm:144");
    expect(data).toEqual({
      sid: "vm:144",
      type: "vm",
      comment: "managed",
      max_restart: 2,
      state: "started",
      digest: "4b8e7136711503837fdd42c6696b80aeb6646cc3",
    });
  });

  test("a bare VMID stands for its machine", async () => {
    await lab.admin("POST", "/cluster/ha/resources", { params: { sid: "101" } });
    expect((await lab.admin("GET", "/cluster/ha/resources/101")).data).toMatchObject({ sid: "vm:101" });
  });

  test.each([
    [{ sid: "vm:555" }, "resource 'vm:555' does not exist in cluster"],
    [{ sid: "555" }, "unable to detect SID from VMID - VM/CT 555 does not exist"],
    [{ sid: "ct:101" }, "resource 'ct:101' - guest with ID 101 is not a container"],
    [{ sid: "vm:101", type: "ct" }, "types does not match"],
    [{ sid: "vm:101", group: "g1" }, "invalid parameter 'group': ha groups have been migrated to rules"],
  ])("%o is refused", async (params, reason) => {
    expect(await lab.admin("POST", "/cluster/ha/resources", { params: params as never })).toMatchObject({
      status: 500,
      reason,
    });
  });

  test("it is changed with the current digest only, and options can be taken away", async () => {
    await manage(101, { comment: "one", max_relocate: 3 });
    const path = "/cluster/ha/resources/vm:101";
    const stale = await lab.admin("PUT", path, { params: { comment: "two", digest: "0".repeat(40) } });
    const unknown = await lab.admin("PUT", path, { params: { delete: "nodes" } });
    await lab.admin("PUT", path, { params: { comment: "two", delete: "max_relocate" } });
    expect(stale.reason).toBe(
      "update resources config failed: detected modified configuration - file changed by other user? Try again.",
    );
    expect(unknown.reason).toBe("update resources config failed: no such option 'nodes'");
    const { data } = await lab.admin("GET", path);
    expect(data).toMatchObject({ comment: "two" });
    expect(data).not.toHaveProperty("max_relocate");
  });

  test("one that is there already, or not at all, is named", async () => {
    await manage(101);
    const again = await manage(101);
    const read = await lab.admin("GET", "/cluster/ha/resources/vm:102");
    const changed = await lab.admin("PUT", "/cluster/ha/resources/vm:102", { params: { state: "stopped" } });
    const removed = await lab.admin("DELETE", "/cluster/ha/resources/vm:102");
    expect([again.reason, read.reason, changed.reason, removed.reason]).toEqual([
      "create resource failed: resource ID 'vm:101' already defined",
      "no such resource 'vm:102'",
      "update resources config failed: no such resource 'vm:102'",
      "cannot delete service 'vm:102', not HA managed!",
    ]);
  });

  test.each(["GET", "POST"])("groups are gone: %s", async (method) => {
    const verb = method === "GET" ? "index groups" : "create group";
    const params = method === "GET" ? {} : { group: "g1", nodes: "pve1" };
    const answer = await lab.admin(method, "/cluster/ha/groups", { params });
    expect(answer.reason).toBe(`cannot ${verb}: ha groups have been migrated to rules`);
  });
});

describe("HA rules", () => {
  beforeEach(async () => {
    await open();
    await manage(101);
    await manage(102);
  });

  test("nodes and resources are kept sorted, without priorities of 0", async () => {
    const params = { rule: "r1", type: "node-affinity", resources: "vm:102,vm:101", nodes: "pve2:2,pve1:0" };
    await rule({ ...params, disable: 0, strict: 1 });
    const { data } = await lab.admin("GET", "/cluster/ha/rules/r1");
    expect(data).toMatchObject({ resources: "vm:101,vm:102", nodes: "pve1,pve2:2", order: 1, strict: 1 });
    expect(data).not.toHaveProperty("disable");
  });

  test.each([
    [{ type: "node-affinity", resources: "vm:101" }, { "oneOf[node-affinity].nodes": expect.any(String) }],
    [
      { type: "node-affinity", resources: "vm:101", nodes: "pve1", affinity: "positive" },
      { affinity: expect.any(String) },
    ],
    [{ resources: "vm:101" }, { type: expect.any(String), resources: expect.any(String) }],
    [{ type: "other" }, { type: expect.stringContaining("enumeration 'node-affinity, resource-affinity'") }],
  ])("parameters belong to the type: %o", async (params, errors) => {
    const answer = await rule({ rule: "r1", ...params });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toEqual(errors);
  });

  test.each([
    [{ type: "node-affinity", resources: "vm:101", nodes: "pve7" }, "cannot use non-existent node(s) pve7."],
    [
      { type: "node-affinity", resources: "vm:300", nodes: "pve1" },
      "cannot use unmanaged resource(s) vm:300.",
    ],
    [
      { type: "resource-affinity", resources: "vm:101", affinity: "positive" },
      "400 Rule 'r1' is invalid. resources: rule is ineffective as there are less than two resources",
    ],
  ])("%o cannot be followed", async (params, words) => {
    expect((await rule({ rule: "r1", ...params })).reason).toBe(`create ha rule failed: ${words}`);
  });

  test("resources cannot be kept together and apart", async () => {
    const resources = "vm:101,vm:102";
    await rule({ rule: "together", type: "resource-affinity", resources, affinity: "positive" });
    const apart = await rule({ rule: "apart", type: "resource-affinity", resources, affinity: "negative" });
    expect(apart.reason).toContain(
      "rule shares two or more resources with a positive resource affinity rule",
    );
    const off = await rule({
      rule: "apart",
      type: "resource-affinity",
      resources,
      affinity: "negative",
      disable: 1,
    });
    expect(off.status).toBe(200);
  });

  test("a removed resource leaves its rules, and the last one takes its rule along", async () => {
    await rule({ rule: "both", type: "node-affinity", resources: "vm:101,vm:102", nodes: "pve1" });
    await lab.admin("DELETE", "/cluster/ha/resources/vm:101");
    expect((await lab.admin("GET", "/cluster/ha/rules/both")).data).toMatchObject({ resources: "vm:102" });
    await lab.admin("DELETE", "/cluster/ha/resources/vm:102");
    expect((await lab.admin("GET", "/cluster/ha/rules")).data).toEqual([]);
  });

  test("lists can be asked for by type and by resource", async () => {
    await rule({ rule: "one", type: "node-affinity", resources: "vm:101", nodes: "pve1" });
    await rule({ rule: "two", type: "resource-affinity", resources: "vm:101,vm:102", affinity: "positive" });
    const names = async (params: object) => {
      const { data } = await lab.admin("GET", "/cluster/ha/rules", { params: params as never });
      return (data as { rule: string }[]).map((entry) => entry.rule);
    };
    expect(await names({})).toEqual(["one", "two"]);
    expect(await names({ type: "node-affinity" })).toEqual(["one"]);
    expect(await names({ resource: "vm:102" })).toEqual(["two"]);
  });
});
