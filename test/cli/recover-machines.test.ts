import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import type { PlannedStack } from "../../cli/pipeline/plan-stack.ts";
import { recoverMachines } from "../../cli/pipeline/recover-machines.ts";
import { writeBegun } from "../../reconcile/begun-machines.ts";
import { fillSite } from "../../specs/read-site.ts";
import { goodToken, startApi } from "../proxmox/api-server.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";

afterEach(() => vi.unstubAllEnvs());

const own = { vmid: 101, name: "web-1", tags: "nixherd" };

/** Recovers machine 101, begun as web-1 "front", on a cluster that has this instead; true when it was taken over. */
async function takesOver(onCluster: object | undefined, description = "front"): Promise<boolean> {
  const { access } = await startApi((path) => {
    if (path === "nodes") return { data: [{ node: "pve1", status: "online" }] };
    if (path === "nodes/pve1/qemu") return { data: onCluster === undefined ? [] : [onCluster] };
    if (path === "nodes/pve1/qemu/101/config") return { data: { description } };
    if (path === "cluster/resources?type=vm") return { data: [] };
    const body = JSON.stringify({ errors: { vmid: "VM 101 already exists" } });
    return onCluster === undefined ? { data: "101" } : { status: 400, reason: "no", body };
  });
  vi.stubEnv("PROXMOX_VE_ENDPOINT", access.endpoint);
  vi.stubEnv("PROXMOX_VE_API_TOKEN", goodToken);
  vi.stubEnv("SSL_CERT_FILE", access.caFile);
  const root = await mkdtemp(join(tmpdir(), "nixherd-recover-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const note = { vmId: 101, name: "web-1", description: "front", begunAt: "2026-11-21T08:00:00Z" };
  await writeBegun(root, "demo", [note]);
  const context = {
    root,
    interrupt: new AbortController().signal,
    report: () => undefined,
    unfinished: new Set<never>(),
  };
  return recoverMachines(plannedIn(root), fillSite({}), context);
}

/** A stack that would create machine 101, and whose Terraform does nothing and succeeds. */
function plannedIn(root: string): PlannedStack {
  return {
    name: "demo",
    path: root,
    targets: [],
    machines: [],
    configuration: { terraform: {}, modules: {}, machines: new Map() },
    folder: { binary: { path: "/bin/true", product: "OpenTofu", version: "1.12.6" }, path: root },
    planFile: "",
    plan: stackPlan([machinePlan(101, { name: "web-1", action: "create" })]),
    planJson: {},
  };
}

test("a machine that a run began and did not record is taken over", async () => {
  expect(await takesOver(own)).toBe(true);
  expect(await takesOver({ ...own, tags: "" })).toBe(true);
});

test("a machine that was begun and is not there is simply made", async () => {
  expect(await takesOver(undefined)).toBe(false);
});

test.each([
  ["another name", { ...own, name: "db-1" }, "front"],
  ["another description", own, "somebody else's"],
  ["the mark of a template", { ...own, template: 1 }, "front"],
])("a machine with the VMID and %s is left alone, whatever was begun", async (_, vm, description) => {
  expect(await takesOver(vm, description)).toBe(false);
});
