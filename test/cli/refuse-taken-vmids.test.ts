import { afterEach, expect, test, vi } from "vitest";
import type { PipelineEvent } from "../../cli/pipeline/events.ts";
import type { PlannedStack } from "../../cli/pipeline/plan-stack.ts";
import { refuseTakenVmIds } from "../../cli/pipeline/refuse-taken-vmids.ts";
import { fillSite } from "../../specs/read-site.ts";
import type { MachinePlan, PlannedAction } from "../../terraform/stack-plan.ts";
import { type ApiAnswers, goodToken, startApi } from "../proxmox/api-server.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";

afterEach(() => vi.unstubAllEnvs());

function machine(vmId: number, action: PlannedAction, isGone = false): MachinePlan {
  return machinePlan(vmId, { name: `m-${vmId}`, action, isGone });
}

function planned(name: string, machines: readonly MachinePlan[]): PlannedStack {
  return {
    name,
    path: `/nowhere/${name}`,
    targets: [],
    machines: [],
    configuration: { terraform: {}, modules: {}, machines: new Map() },
    folder: { binary: { path: "tofu", product: "OpenTofu", version: "1.12.6" }, path: `/nowhere/${name}` },
    planFile: "",
    plan: stackPlan(machines, { stack: name }),
    planJson: {},
  };
}

const search = { site: fillSite({}), allStacks: () => Promise.resolve([]) };

/** Asks a cluster on which these VMIDs are taken; `visible` are those that the token may see. */
async function check(
  stacks: readonly PlannedStack[],
  taken: readonly number[],
  visible: readonly object[] = [],
) {
  const { access, requests } = await startApi(answers(taken, visible));
  vi.stubEnv("PROXMOX_VE_ENDPOINT", access.endpoint);
  vi.stubEnv("PROXMOX_VE_API_TOKEN", goodToken);
  vi.stubEnv("SSL_CERT_FILE", access.caFile);
  const events: PipelineEvent[] = [];
  const results = await refuseTakenVmIds(stacks, search, contextFor(events));
  return { ...results, events, requests };
}

function contextFor(events: PipelineEvent[]) {
  const report = (event: PipelineEvent) => void events.push(event);
  return { root: "/nowhere", interrupt: new AbortController().signal, report, unfinished: new Set<never>() };
}

function answers(taken: readonly number[], visible: readonly object[]): ApiAnswers {
  return (path) => {
    if (path === "nodes") return { data: [{ node: "pve1", status: "online" }] };
    if (path === "nodes/pve1/qemu") return { data: visible };
    if (path === "cluster/resources?type=vm") return { data: [] };
    const vmId = Number(path.replace("cluster/nextid?vmid=", ""));
    if (!taken.includes(vmId)) return { data: String(vmId) };
    const body = JSON.stringify({ errors: { vmid: `VM ${vmId} already exists` } });
    return { status: 400, reason: "Parameter verification failed.", body };
  };
}

test("A stack that would make a machine with a taken VMID is left out, and told who has it; the others go on.", async () => {
  const bad = planned("bad", [machine(101, "create"), machine(102, "create"), machine(103, "create")]);
  const good = planned("good", [machine(201, "create")]);
  const visible = [{ vmid: 101, name: "foreign" }];
  const { done, failures, events } = await check([bad, good], [101, 103], visible);
  expect(done).toEqual([good]);
  expect(failures).toMatchObject([{ code: "VMID_TAKEN" }]);
  expect(events).toMatchObject([
    {
      event: "error",
      stack: "bad",
      message: [
        "VMID 101, wanted for m-101, is taken by machine foreign on node pve1.",
        "VMID 103, wanted for m-103, is taken by a machine or container that this token may not see.",
      ].join("\n"),
    },
  ]);
});

test("A machine that vanished from the token's sight is not made a second time.", async () => {
  const { failures } = await check([planned("demo", [machine(101, "create", true)])], [101]);
  expect(failures[0]?.message).toContain(
    "It was in the state until this plan: give the token its rights back.",
  );
});

test("Machines that are ours (updated, replaced, destroyed) are not asked about.", async () => {
  const stack = planned("demo", [machine(101, "update"), machine(102, "replace"), machine(103, "destroy")]);
  const { done, requests } = await check([stack], [101, 102, 103]);
  expect(done).toEqual([stack]);
  expect(requests).toEqual([]);
});

test("Without a token the plan goes on, and a note says that nobody was asked.", async () => {
  vi.stubEnv("PROXMOX_VE_ENDPOINT", "https://127.0.0.1:1");
  vi.stubEnv("PROXMOX_VE_API_TOKEN", undefined);
  const stack = planned("demo", [machine(101, "create")]);
  const events: PipelineEvent[] = [];
  const { done } = await refuseTakenVmIds([stack], search, contextFor(events));
  expect(done).toEqual([stack]);
  expect(events).toEqual([
    {
      event: "note",
      text: "The cluster was not asked whether the VMIDs are free: PROXMOX_VE_API_TOKEN is not set.",
    },
  ]);
});

test("A cluster that fails when asked refuses the stack: nothing is made on a guess.", async () => {
  vi.stubEnv("PROXMOX_VE_ENDPOINT", "https://127.0.0.1:1");
  vi.stubEnv("PROXMOX_VE_API_TOKEN", goodToken);
  vi.stubEnv("SSL_CERT_FILE", undefined);
  const events: PipelineEvent[] = [];
  const { done, failures } = await refuseTakenVmIds(
    [planned("demo", [machine(101, "create")])],
    search,
    contextFor(events),
  );
  expect(done).toEqual([]);
  expect(failures).toMatchObject([{ code: "CLUSTER_UNREACHABLE" }]);
});
