import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, runTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    tokens: [
      { id: adminToken },
      { id: "reader@pve!all", role: "PVEAuditor" },
      { id: "nobody@pve!none", role: "NoAccess" },
      { id: "ops@pve!pool", role: "PVEVMAdmin", path: "/pool/team" },
      { id: "root@pam!automation" },
    ],
    users: [{ id: "ann@pve", password: "correct horse" }],
  });
  await lab.admin("POST", "/pools", { params: { poolid: "team" } });
  await lab.clone(101, { pool: "team" });
  await lab.clone(102);
});
afterAll(() => lab.pve.stop());

describe("authentication", () => {
  test.each([
    ["no header", undefined, "No ticket"],
    ["a wrong secret", `${adminToken}=00000000-0000-0000-0000-000000000000`, "Authentication failed!"],
    ["an unknown token", "nobody@pve!other=00000000-0000-0000-0000-000000000000", "Authentication failed!"],
    ["something that is no token", "nonsense", "Authentication failed!"],
  ])("answers %s with 401, the reason and no body", async (_, token, reason) => {
    const answer = await createClient(lab.pve, token)("GET", "/version");
    expect(answer).toMatchObject({ status: 401, reason, body: undefined });
  });

  test("gives a ticket for a password, which writes only together with its CSRF token", async () => {
    const anonymous = createClient(lab.pve, undefined);
    const { data } = await anonymous("POST", "/access/ticket", {
      params: { username: "ann@pve", password: "correct horse" },
    });
    const { ticket, CSRFPreventionToken: csrf } = data as Record<string, string>;
    const cookie = `PVEAuthCookie=${encodeURIComponent(String(ticket))}`;
    const params = { poolid: "by-ann" };
    const without = await anonymous("POST", "/pools", { params, headers: { cookie } });
    const with_ = await anonymous("POST", "/pools", {
      params,
      headers: { cookie, csrfpreventiontoken: String(csrf) },
    });
    expect(without).toMatchObject({ status: 401, reason: "Permission denied - invalid csrf token" });
    expect(with_.status).toBe(200);
  });

  test("forgets the oldest of a thousand tickets", async () => {
    const anonymous = createClient(lab.pve, undefined);
    const login = async () => {
      const params = { username: "ann@pve", password: "correct horse" };
      const { data } = await anonymous("POST", "/access/ticket", { params });
      return `PVEAuthCookie=${encodeURIComponent((data as { ticket: string }).ticket)}`;
    };
    const first = await login();
    expect((await anonymous("GET", "/version", { headers: { cookie: first } })).status).toBe(200);
    for (let count = 0; count < 1000; count += 1) await login();
    expect(await anonymous("GET", "/version", { headers: { cookie: first } })).toMatchObject({
      status: 401,
      reason: "permission denied - invalid PVE ticket",
    });
    expect((await anonymous("GET", "/version", { headers: { cookie: await login() } })).status).toBe(200);
  });

  test("refuses a wrong password and an unknown user alike", async () => {
    const anonymous = createClient(lab.pve, undefined);
    for (const username of ["ann@pve", "bob@pve", "root@pam"]) {
      const answer = await anonymous("POST", "/access/ticket", { params: { username, password: "x" } });
      expect(answer).toMatchObject({ status: 401, reason: "authentication failure" });
    }
  });
});

describe("permissions", () => {
  test("a token without rights sees an empty cluster instead of an error", async () => {
    const answer = await lab.as("nobody@pve!none")("GET", "/cluster/resources", { params: { type: "vm" } });
    expect(answer).toMatchObject({ status: 200, data: [] });
  });

  test.each([
    ["GET", "/nodes/pve1/qemu/101/config", {}, "Permission check failed (/vms/101, VM.Audit)"],
    ["POST", "/nodes/pve1/qemu/9000/clone", { newid: 150 }, "Permission check failed (/vms/9000, VM.Clone)"],
    ["POST", "/nodes/pve1/qemu", { vmid: 150 }, "Permission check failed"],
    ["DELETE", "/nodes/pve1/qemu/101", {}, "Permission check failed (/vms/101, VM.Allocate)"],
    ["POST", "/nodes/pve1/qemu/101/status/start", {}, "Permission check failed (/vms/101, VM.PowerMgmt)"],
  ])("%s %s without rights names what is missing", async (method, path, params, reason) => {
    const answer = await lab.as("nobody@pve!none")(method, path, { params });
    expect(answer).toMatchObject({ status: 403, reason, body: { data: null, message: `${reason}\n` } });
  });

  test("a read-only token reads everything and changes nothing", async () => {
    const reader = lab.as("reader@pve!all");
    const list = await reader("GET", "/nodes/pve1/qemu");
    const config = await reader("GET", "/nodes/pve1/qemu/101/config");
    const change = await reader("PUT", "/nodes/pve1/qemu/101/config", { params: { name: "x" } });
    expect((list.data as unknown[]).length).toBe(3);
    expect(config.status).toBe(200);
    expect(change.reason).toContain("/vms/101, VM.Config.Disk|VM.Config.CDROM|VM.Config.CPU");
  });

  test("rights on a pool hold for its members and for nobody else", async () => {
    const ops = lab.as("ops@pve!pool");
    const inside = await ops("PUT", "/nodes/pve1/qemu/101/config", { params: { description: "ours" } });
    const outside = await ops("PUT", "/nodes/pve1/qemu/102/config", { params: { description: "theirs" } });
    expect([inside.status, outside.status]).toEqual([200, 403]);
  });

  test("a disk is taken off only by those who may put one in", async () => {
    const role = { roleid: "Namer", privs: "VM.Audit,VM.Config.Options" };
    await lab.admin("POST", "/access/roles", { params: role });
    await lab.admin("POST", "/access/users", { params: { userid: "max@pve" } });
    await lab.admin("PUT", "/access/acl", { params: { path: "/vms", users: "max@pve", roles: "Namer" } });
    const { data } = await lab.admin("POST", "/access/users/max@pve/token/key", { params: { privsep: 0 } });
    const max = createClient(lab.pve, `max@pve!key=${(data as { value: string }).value}`);
    const change = (params: object) => max("PUT", "/nodes/pve1/qemu/102/config", { params: params as never });
    expect((await change({ name: "renamed" })).status).toBe(200);
    expect((await change({ delete: "virtio0" })).reason).toBe(
      "Permission check failed (/vms/102, VM.Config.Disk)",
    );
    expect((await change({ delete: "ide2" })).reason).toBe(
      "Permission check failed (/vms/102, VM.Config.Cloudinit)",
    );
  });

  test("users and their rights are changed only by those who may", async () => {
    await lab.admin("POST", "/access/roles", { params: { roleid: "Realms", privs: "Realm.AllocateUser" } });
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/access", tokens: "ops@pve!pool", roles: "Realms" },
    });
    const half = await lab.as("ops@pve!pool")("POST", "/access/users", { params: { userid: "new@pve" } });
    expect(half.reason).toBe("Permission check failed (/access/groups, User.Modify)");
    const reader = lab.as("reader@pve!all");
    const user = await reader("POST", "/access/users", { params: { userid: "new@pve" } });
    const acl = await reader("PUT", "/access/acl", {
      params: { path: "/vms", users: "reader@pve", roles: "Administrator" },
    });
    expect(user.reason).toBe("Permission check failed (/access/realm/pve, Realm.AllocateUser)");
    expect(acl.reason).toBe("Permission check failed (/vms, Permissions.Modify)");
  });

  test("no access on a path outweighs what was granted above it", async () => {
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/vms/102", tokens: "reader@pve!all", roles: "NoAccess" },
    });
    expect((await lab.as("reader@pve!all")("GET", "/nodes/pve1/qemu/102/config")).status).toBe(403);
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/vms/102", tokens: "reader@pve!all", roles: "NoAccess", delete: 1 },
    });
    expect((await lab.as("reader@pve!all")("GET", "/nodes/pve1/qemu/102/config")).status).toBe(200);
  });

  test("a VM without a pool is not made by naming none", async () => {
    const ops = lab.as("ops@pve!pool");
    const outside = await ops("POST", "/nodes/pve1/qemu/101/clone", { params: { newid: 160 } });
    const inside = await ops("POST", "/nodes/pve1/qemu/101/clone", { params: { newid: 160, pool: "team" } });
    expect(outside.reason).toBe("Permission check failed");
    expect(inside.reason).toContain("Datastore.AllocateSpace");
  });

  test("volumes of machines that one may not see are left out", async () => {
    const content = "/nodes/pve1/storage/local-lvm/content";
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/storage", tokens: "ops@pve!pool", roles: "PVEDatastoreUser" },
    });
    const { data } = await lab.as("ops@pve!pool")("GET", content);
    const owners = (data as { vmid: number }[]).map(({ vmid }) => vmid);
    expect(new Set(owners)).toEqual(new Set([101]));
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/storage", tokens: "ops@pve!pool", roles: "PVEDatastoreUser", delete: 1 },
    });
  });

  test("a disk needs space on its storage, a bridge the right to use it", async () => {
    const ops = lab.as("ops@pve!pool");
    const disk = await ops("PUT", "/nodes/pve1/qemu/101/config", { params: { scsi5: "local-lvm:1" } });
    const net = await ops("PUT", "/nodes/pve1/qemu/101/config", { params: { net1: "virtio,bridge=vmbr0" } });
    expect(disk.reason).toBe("Permission check failed (/storage/local-lvm, Datastore.AllocateSpace)");
    expect(net.reason).toBe("Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)");
  });

  test.each([
    ["args", "-nographic"],
    ["affinity", "0"],
    ["lock", "backup"],
  ])("not even a token of root may set %s", async (key, value) => {
    const root = lab.as("root@pam!automation");
    const answer = await root("PUT", "/nodes/pve1/qemu/102/config", { params: { [key]: value } });
    expect(answer).toMatchObject({ status: 500, reason: `only root can set '${key}' config` });
  });

  test("a token that is made separate from its user has no rights until it is given some", async () => {
    await lab.admin("POST", "/access/users", { params: { userid: "eve@pve" } });
    const { data } = await lab.admin("POST", "/access/users/eve@pve/token/one", { params: {} });
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/", users: "eve@pve", roles: "Administrator" },
    });
    const eve = createClient(lab.pve, `eve@pve!one=${(data as { value: string }).value}`);
    const before = await eve("GET", "/nodes/pve1/qemu");
    await lab.admin("PUT", "/access/acl", {
      params: { path: "/vms", tokens: "eve@pve!one", roles: "PVEAuditor" },
    });
    const after = await eve("GET", "/nodes/pve1/qemu");
    expect([(before.data as unknown[]).length, (after.data as unknown[]).length]).toEqual([0, 3]);
  });

  test("a deleted user's tokens stop working, and stay so when a user of that name comes again", async () => {
    await lab.admin("POST", "/access/users", { params: { userid: "zoe@pve" } });
    const { data } = await lab.admin("POST", "/access/users/zoe@pve/token/key", { params: { privsep: 0 } });
    const zoe = createClient(lab.pve, `zoe@pve!key=${(data as { value: string }).value}`);
    expect((await zoe("GET", "/version")).status).toBe(200);
    await lab.admin("DELETE", "/access/users/zoe@pve");
    expect((await zoe("GET", "/version")).status).toBe(401);
    await lab.admin("POST", "/access/users", { params: { userid: "zoe@pve" } });
    expect((await zoe("GET", "/version")).status).toBe(401);
  });

  test("a foreign task's log is hidden from those who may not audit the node", async () => {
    const { data: upid } = await lab.admin("POST", "/nodes/pve1/qemu/102/status/start");
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/log`;
    expect((await lab.as("nobody@pve!none")("GET", path)).status).toBe(403);
    expect((await lab.as("reader@pve!all")("GET", path)).status).toBe(200);
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/102/status/stop")).toBe("OK");
  });
});
