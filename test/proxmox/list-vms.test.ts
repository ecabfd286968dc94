import { expect, onTestFinished, test } from "vitest";
import { openProxmox } from "../../proxmox/client.ts";
import { listVms } from "../../proxmox/list-vms.ts";
import { nextFreeVmId } from "../../proxmox/next-free-vmid.ts";
import { type ApiAnswers, startApi } from "./api-server.ts";

async function openClient(answers: ApiAnswers) {
  const { access, requests } = await startApi(answers);
  const client = openProxmox(access);
  onTestFinished(() => client.close());
  return { client, requests };
}

const notThere = { status: 501, reason: "Method not implemented" };

/** pve1 is up, pve2 is down; the cluster's list lags: it still has 150, lacks 103 and knows 201 of the node that is down. */
const clusterAnswers: Readonly<Record<string, unknown>> = {
  nodes: [
    { node: "pve1", status: "online" },
    { node: "pve2", status: "offline" },
  ],
  "cluster/resources?type=vm": [
    { vmid: 150, type: "qemu", node: "pve1", name: "deleted" },
    { vmid: 103, type: "qemu", node: "pve1", name: "fresh", pool: "prod" },
    { vmid: 201, type: "qemu", node: "pve2", name: "asleep" },
    { vmid: 202, type: "lxc", node: "pve2" },
    { vmid: "104", type: "lxc", node: "pve1", name: "box" },
  ],
  "nodes/pve1/qemu": [
    { vmid: 9000, name: "nixos-26.05-v1", template: 1 },
    { vmid: 103, name: "fresh", tags: "nixherd;web", lock: "backup" },
  ],
};

test("Nodes that are up are asked for their machines; containers and nodes that are down come from the cluster's list.", async () => {
  const { client } = await openClient((path) =>
    path in clusterAnswers ? { data: clusterAnswers[path] } : notThere,
  );
  const untagged = { isTemplate: false, tags: [] };
  expect(await listVms(client)).toEqual([
    {
      vmId: 103,
      kind: "qemu",
      node: "pve1",
      name: "fresh",
      isTemplate: false,
      tags: ["nixherd", "web"],
      lock: "backup",
      pool: "prod",
    },
    { vmId: 104, kind: "lxc", node: "pve1", name: "box", ...untagged },
    { vmId: 201, kind: "qemu", node: "pve2", name: "asleep", ...untagged },
    { vmId: 202, kind: "lxc", node: "pve2", name: "", ...untagged },
    { vmId: 9000, kind: "qemu", node: "pve1", name: "nixos-26.05-v1", ...untagged, isTemplate: true },
  ]);
});

test("With details every node tells what QEMU says of its machines.", async () => {
  const { client } = await openClient((path) => {
    if (path === "nodes") return { data: [{ node: "pve1", status: "online" }] };
    if (path === "cluster/resources?type=vm") return { data: [] };
    return path === "nodes/pve1/qemu?full=1"
      ? { data: [{ vmid: 103, name: "held", qmpstatus: "paused" }] }
      : notThere;
  });
  expect(await listVms(client, { hasDetails: true })).toMatchObject([{ vmId: 103, qemuStatus: "paused" }]);
});

test("A list that is no list is a failure, never an empty cluster.", async () => {
  const { client } = await openClient(() => ({ data: {} }));
  await expect(listVms(client)).rejects.toMatchObject({ code: "PROXMOX_API_FAILED" });
});

/** Answers nextid as the real server does, for a cluster that has these VMIDs. */
function nextIdAnswers(existing: readonly number[]): ApiAnswers {
  return (path) => {
    const vmId = Number(path.replace("cluster/nextid?vmid=", ""));
    if (!existing.includes(vmId)) return { data: String(vmId) };
    const body = JSON.stringify({ data: null, errors: { vmid: `VM ${vmId} already exists` } });
    return { status: 400, reason: "Parameter verification failed.", body };
  };
}

test("The next free VMID skips what is taken in the specs and on the cluster, hidden machines too.", async () => {
  const { client, requests } = await openClient(nextIdAnswers([102, 103]));
  expect(await nextFreeVmId({ from: 100, to: 110 }, new Set([100, 101]), client)).toBe(104);
  expect(requests).toEqual([102, 103, 104].map((vmId) => `cluster/nextid?vmid=${vmId}`));
});

test("A range that is used up has no free VMID.", async () => {
  const { client } = await openClient(nextIdAnswers([101]));
  expect(await nextFreeVmId({ from: 100, to: 101 }, new Set([100]), client)).toBeUndefined();
  expect(await nextFreeVmId({ from: 100, to: 101 }, new Set([100, 101]), undefined)).toBeUndefined();
});

test("Without a cluster only the specs count.", async () => {
  expect(await nextFreeVmId({ from: 100, to: 110 }, new Set([100, 102]), undefined)).toBe(101);
});

test.each([
  ["something went wrong", "PROXMOX_API_FAILED"],
  ["got timeout", "LOCK_TIMEOUT"],
])(
  "A cluster that fails while it is asked (%s) does not make a VMID taken or free.",
  async (reason, code) => {
    const { client } = await openClient(() => ({ status: 500, reason }));
    await expect(nextFreeVmId({ from: 100, to: 110 }, new Set(), client)).rejects.toMatchObject({ code });
  },
);
