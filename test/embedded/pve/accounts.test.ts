import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, runTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";
import { errorsOf } from "./settings-calls.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ tokens: [{ id: adminToken }, { id: "some@pve!body", role: "NoAccess" }] });
  await lab.clone(101);
});

afterAll(() => lab.pve.stop());

const get = async (path: string) => (await lab.admin("GET", path)).data as Record<string, unknown>;
const post = (path: string, params: object = {}) => lab.admin("POST", path, { params: params as never });
const put = (path: string, params: object) => lab.admin("PUT", path, { params: params as never });

/** Makes a user with a token that has all of the user's rights, and returns a client that shows it. */
async function withToken(userid: string, params: object = {}) {
  await post("/access/users", { userid });
  const { data } = await post(`/access/users/${userid}/token/key`, { privsep: 0, ...params });
  return createClient(lab.pve, `${userid}!key=${(data as { value: string }).value}`);
}

const past = 1_000_000_000;

describe("users", () => {
  test("one shows its groups and tokens, as recorded of the real server", async () => {
    await post("/access/groups", { groupid: "ops", comment: "Ops" });
    const ann = { comment: "Ann", email: "ann@example.net", enable: 1, expire: 0 };
    const empty = { firstname: "", lastname: "", keys: "" };
    await post("/access/users", { userid: "ann@pve", groups: "ops", ...ann, ...empty });
    expect(await get("/access/users/ann@pve")).toEqual({ ...ann, groups: ["ops"], tokens: null });
    const made = await post("/access/users/ann@pve/token/ci", { comment: "ci", privsep: 1 });
    const info = { privsep: "1", comment: "ci" };
    expect(made.data).toEqual({ "full-tokenid": "ann@pve!ci", info, value: expect.any(String) });
    const token = { expire: 0, comment: "ci", privsep: 1 };
    expect(await get("/access/users/ann@pve")).toEqual({ ...ann, groups: ["ops"], tokens: { ci: token } });
    expect(await get("/access/users/ann@pve/token/ci")).toEqual(token);
    expect(await get("/access/groups/ops")).toEqual({ members: ["ann@pve"], comment: "Ops" });
  });

  test("a change keeps what it does not name, and groups are replaced or joined", async () => {
    await post("/access/groups", { groupid: "one" });
    await post("/access/groups", { groupid: "two" });
    await post("/access/users", { userid: "bob@pve", comment: "Bob", groups: "one" });
    await put("/access/users/bob@pve", { groups: "two", append: 1, firstname: "Bob" });
    expect(await get("/access/users/bob@pve")).toMatchObject({ comment: "Bob", groups: ["one", "two"] });
    await put("/access/users/bob@pve", { groups: "two" });
    expect(await get("/access/users/bob@pve")).toMatchObject({ groups: ["two"], firstname: "Bob" });
    const missing = await put("/access/users/bob@pve", { groups: "none" });
    expect(missing.reason).toBe("update user failed: no such group 'none'");
  });

  test("a disabled user's tokens, and those of one whose time is over, are refused", async () => {
    const eve = await withToken("eve@pve");
    expect((await eve("GET", "/version")).status).toBe(200);
    await put("/access/users/eve@pve", { enable: 0 });
    expect(await eve("GET", "/version")).toMatchObject({ status: 401, reason: "Authentication failed!" });
    await put("/access/users/eve@pve", { enable: 1, expire: past });
    expect((await eve("GET", "/version")).status).toBe(401);
    await put("/access/users/eve@pve", { expire: 0 });
    expect((await eve("GET", "/version")).status).toBe(200);
  });

  test("a new password is the one that logs in", async () => {
    await post("/access/users", { userid: "joe@pve", password: "first-one" });
    await put("/access/password", { userid: "joe@pve", password: "second-one" });
    const login = (password: string) => post("/access/ticket", { username: "joe@pve", password });
    expect((await login("first-one")).status).toBe(401);
    expect((await login("second-one")).status).toBe(200);
  });
});

describe("tokens", () => {
  test("one whose time is over is refused without a body, as a wrong one is", async () => {
    const client = await withToken("old@pve", { expire: past });
    const answer = await client("GET", "/version");
    expect(answer).toMatchObject({ status: 401, reason: "Authentication failed!", body: undefined });
    await put("/access/users/old@pve/token/key", { expire: 0 });
    expect((await client("GET", "/version")).status).toBe(200);
  });

  test("a new secret ends the old one", async () => {
    const client = await withToken("new@pve");
    const { data } = await put("/access/users/new@pve/token/key", { regenerate: 1 });
    const { value } = data as { value: string };
    expect((await client("GET", "/version")).status).toBe(401);
    expect((await createClient(lab.pve, `new@pve!key=${value}`)("GET", "/version")).status).toBe(200);
  });

  test("one that does not exist is named with its user", async () => {
    const answer = await lab.admin("GET", "/access/users/root@pam/token/nope");
    expect(answer.reason).toBe("no such token 'nope' for user 'root@pam'");
  });

  test("one that is separated by a change loses its user's rights", async () => {
    const client = await withToken("sam@pve");
    await put("/access/acl", { path: "/vms", users: "sam@pve", roles: "PVEVMAdmin" });
    const config = "/nodes/pve1/qemu/101/config";
    expect((await client("GET", config)).status).toBe(200);
    await put("/access/users/sam@pve/token/key", { privsep: 1 });
    expect((await client("GET", config)).status).toBe(403);
  });
});

describe("groups and the access list", () => {
  test("members have their group's rights, unless they have entries of their own on the same path", async () => {
    const kim = await withToken("kim@pve");
    await post("/access/groups", { groupid: "admins" });
    await put("/access/users/kim@pve", { groups: "admins" });
    const start = () => kim("POST", "/nodes/pve1/qemu/101/status/start");
    expect((await start()).status).toBe(403);
    await put("/access/acl", { path: "/vms", groups: "admins", roles: "PVEVMAdmin" });
    expect((await start()).status).toBe(200);
    await put("/access/acl", { path: "/vms", users: "kim@pve", roles: "PVEAuditor" });
    expect((await start()).status).toBe(403);
  });

  test("a deleted group is gone from its members and from the list", async () => {
    await post("/access/groups", { groupid: "short" });
    await post("/access/users", { userid: "member@pve", groups: "short" });
    await put("/access/acl", { path: "/vms", groups: "short", roles: "PVEAuditor" });
    await lab.admin("DELETE", "/access/groups/short");
    expect(await get("/access/users/member@pve")).toMatchObject({ groups: [] });
    expect(JSON.stringify(await get("/access/acl"))).not.toContain("short");
    const missing = await lab.admin("GET", "/access/groups/short");
    expect(missing.reason).toBe("group 'short' does not exist");
  });

  test.each([
    [{ path: "/vms", roles: "PVEAuditor" }, 400, { users: expect.stringContaining("is required") }],
    [
      { path: "/nonsense", roles: "PVEAuditor", users: "root@pam" },
      400,
      { path: "invalid ACL path '/nonsense'" },
    ],
  ])("%o is refused", async (params, status, errors) => {
    const answer = await put("/access/acl", params);
    expect(answer.status).toBe(status);
    expect(errorsOf(answer)).toMatchObject(errors);
  });

  test.each([
    [{ users: "nobody@pve" }, "user 'nobody@pve' does not exist"],
    [{ groups: "nothing" }, "group 'nothing' does not exist"],
    [{ tokens: "root@pam!none" }, "no such token 'none' for user 'root@pam'"],
  ])("entries are for those who exist: %o", async (who, words) => {
    const answer = await put("/access/acl", { path: "/vms", roles: "PVEAuditor", ...who });
    expect(answer.reason).toBe(`ACL update failed: ${words}`);
  });

  test("a path means the same with slashes to spare", async () => {
    await put("/access/acl", { path: "vms//101/", users: "root@pam", roles: "PVEAuditor" });
    expect(await get("/access/acl")).toContainEqual(
      expect.objectContaining({ path: "/vms/101", ugid: "root@pam", type: "user" }),
    );
  });

  test("a destroyed machine leaves no entry that a later one would inherit", async () => {
    await lab.clone(140);
    await put("/access/acl", { path: "/vms/140", users: "root@pam", roles: "PVEAuditor" });
    await runTask(lab.admin, "DELETE", "/nodes/pve1/qemu/140");
    expect(JSON.stringify(await get("/access/acl"))).not.toContain("/vms/140");
  });

  test("callers see only entries that they may change", async () => {
    expect((await lab.as("some@pve!body")("GET", "/access/acl")).data).toEqual([]);
  });
});

describe("roles", () => {
  test("privileges are replaced, or added", async () => {
    await post("/access/roles", { roleid: "Deployer", privs: "VM.Clone,VM.Audit" });
    expect(await get("/access/roles/Deployer")).toEqual({ "VM.Clone": 1, "VM.Audit": 1 });
    await put("/access/roles/Deployer", { privs: "VM.Audit" });
    await put("/access/roles/Deployer", { privs: "VM.PowerMgmt", append: 1 });
    expect(await get("/access/roles/Deployer")).toEqual({ "VM.Audit": 1, "VM.PowerMgmt": 1 });
    const list = (await get("/access/roles")) as unknown as Record<string, unknown>[];
    expect(list).toContainEqual({ roleid: "Deployer", privs: "VM.Audit,VM.PowerMgmt", special: 0 });
  });

  test("the built-in ones, and their kind of name, are not for users", async () => {
    const made = await post("/access/roles", { roleid: "pvemine", privs: "VM.Audit" });
    const changed = await put("/access/roles/Administrator", { privs: "VM.Audit" });
    const deleted = await lab.admin("DELETE", "/access/roles/PVEAdmin");
    expect(errorsOf(made)).toMatchObject({ roleid: expect.stringContaining("namespace") });
    expect([changed.reason, deleted.reason]).toEqual([
      "auto-generated role 'Administrator' cannot be modified",
      "auto-generated role 'PVEAdmin' cannot be deleted",
    ]);
  });
});
