import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");
const [binary = "tofu"] = terraformBinaries();
let repository: TestRepository;

const run = (...args: string[]) => repository.run("node", [nixherd, ...args]);
const plain = (vmId: number, more: object = {}) => machine(vmId, { nixos: false, ...more });
const guarded = { policy: { neverDestroy: true, powerCycle: "confirm" } };

async function isThere(vmId: number): Promise<boolean> {
  const machines = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
  return machines.some(({ vmid }) => vmid === vmId);
}

/** The same cluster as somebody else sees it, who may give rights back. */
async function otherAdministrator(): Promise<TestRepository> {
  await callApi(repository, "POST", "access/users", { userid: "other@pve" });
  const rights = { path: "/", users: "other@pve", roles: "Administrator" };
  await callApi(repository, "PUT", "access/acl", rights);
  const made = await callApi(repository, "POST", "access/users/other@pve/token/rights", { privsep: "0" });
  const { "full-tokenid": id, value } = made as Record<string, string>;
  const environment = { ...repository.environment, PROXMOX_VE_API_TOKEN: `${id}=${value}` };
  return Object.assign(Object.create(repository), { environment });
}

beforeAll(async () => {
  const specs = { _site: site, "demo/web-1": plain(101), "demo/db-1": plain(102, guarded) };
  repository = await createTestRepository(binary, specs);
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  const applied = await run("apply", "--yes");
  expect(applied.exitCode, applied.all).toBe(0);
});

afterAll(() => repository?.close());

test("A machine with neverDestroy outlives its spec, whatever the command line allows.", async () => {
  repository.remove("vm-specs/demo/db-1.json");
  const held = await run("apply", "--yes", "--allow-destroy", "9");
  expect(held.exitCode, held.all).toBe(4);
  expect(held.all).toContain("take policy.neverDestroy out of the spec and apply that first): db-1 (102).");
  const destroyed = await run("destroy", "demo", "--yes");
  expect(destroyed.exitCode, destroyed.all).toBe(4);
  expect(await isThere(102)).toBe(true);
});

test("A machine's own policy about power cycles counts for it alone.", async () => {
  repository.write("vm-specs/demo/db-1.json", plain(102, { ...guarded, memory: { sizeMiB: 1536 } }));
  repository.write("vm-specs/demo/web-1.json", plain(101, { memory: { sizeMiB: 1536 } }));
  const held = await run("apply", "--yes");
  expect(held.exitCode, held.all).toBe(4);
  expect(held.all).toContain("1 machine would be power-cycled: db-1 (102).");
});

test("A renamed file is a renamed machine, and a changed vmId is told for what it is and held.", async () => {
  repository.write("vm-specs/_site.json", { ...site, policy: { destroy: { most: 5 } } });
  repository.write("vm-specs/demo/db-1.json", plain(102, guarded));
  repository.remove("vm-specs/demo/web-1.json");
  repository.write("vm-specs/demo/front.json", plain(101));
  const renamed = await run("plan");
  expect(renamed.exitCode, renamed.all).toBe(3);
  expect(renamed.all).toMatch(/~ +front \(101\) on pve1: update .*name.*\(live\); renamed from web-1/);

  repository.remove("vm-specs/demo/front.json");
  repository.write("vm-specs/demo/web-1.json", plain(111));
  const held = await run("apply", "--yes");
  expect(held.exitCode, held.all).toBe(4);
  expect(held.all).toMatch(/- +web-1 \(101\) .*: destroy; its vmId was changed to 111/);
  expect(held.all).toContain(
    "The vmId of specs was changed, which destroys the machines and makes new ones: web-1 (101 to 111).",
  );
  expect(await isThere(101)).toBe(true);
  repository.write("vm-specs/demo/web-1.json", plain(101));
});

test("Machines that the token does not see any more are neither made again nor forgotten.", async () => {
  const user = (repository.environment["PROXMOX_VE_API_TOKEN"] ?? "").replace(/!.*/, "");
  const administrator = await otherAdministrator();
  const hide = (more: Record<string, string>) =>
    callApi(administrator, "PUT", "access/acl", {
      path: "/vms/101",
      users: user,
      roles: "NoAccess",
      ...more,
    });
  await hide({});
  try {
    const plan = await run("plan");
    expect(plan.all).toContain("the cluster does not show it: deleted outside, or hidden from this token");
    const applied = await run("apply", "--yes", "--allow-recreate");
    expect(applied.exitCode, applied.all).toBe(1);
    expect(applied.all).toContain("VMID_TAKEN");

    repository.remove("vm-specs/demo/web-1.json");
    repository.write("vm-specs/demo/db-1.json", plain(102, { ...guarded, description: "changed" }));
    const forgetting = await run("apply", "--yes", "--allow-recreate");
    expect(forgetting.exitCode, forgetting.all).toBe(1);
    expect(forgetting.all).toContain(
      "error MACHINE_HIDDEN: demo: The cluster has what the state knows as web-1 (101)",
    );
  } finally {
    await hide({ delete: "1" });
  }
  repository.write("vm-specs/demo/web-1.json", plain(101));
  repository.write("vm-specs/demo/db-1.json", plain(102, guarded));
  const back = await run("plan");
  expect(back.exitCode, back.all).toBe(0);
});
