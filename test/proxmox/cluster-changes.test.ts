import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openProxmox } from "../../proxmox/client.ts";
import { openClusterChanges } from "../../proxmox/cluster-changes.ts";
import { untilTaskEnds } from "../../proxmox/task.ts";
import { startTemplateCluster, type TemplateCluster } from "../template/template-cluster.ts";
import { goodToken, startApi } from "./api-server.ts";

function changesOf(cluster: Pick<TemplateCluster, "access">) {
  const changes = openClusterChanges(cluster.access);
  onTestFinished(() => changes.close());
  return changes;
}

test("A change is there when it resolves, whether the cluster made it at once or in a task.", async () => {
  const cluster = await startTemplateCluster({}, { delays: { taskMs: 300 } });
  const changes = changesOf(cluster);
  await changes.change("POST", "nodes/pve1/qemu/9000/clone", { newid: 101, name: "web-1", full: 1 });
  await changes.change("PUT", "nodes/pve1/qemu/101/config", { memory: 2048, description: "a & b = c\nä" });
  expect(await changes.get("nodes/pve1/qemu/101/config")).toMatchObject({
    memory: "2048",
    description: "a & b = c\nä",
  });
  await changes.change("DELETE", "nodes/pve1/qemu/101", { purge: 1 });
  await expect(changes.get("nodes/pve1/qemu/101/config")).rejects.toMatchObject({
    code: "PROXMOX_API_FAILED",
  });
});

test("A task that fails is TASK_FAILED with the task's own words.", async () => {
  const cluster = await startTemplateCluster();
  const changes = changesOf(cluster);
  await changes.change("POST", "nodes/pve1/qemu/9000/clone", { newid: 101, full: 1 });
  await changes.change("PUT", "nodes/pve1/qemu/101/config", { net0: "virtio,bridge=vmbr9" });
  await expect(changes.change("POST", "nodes/pve1/qemu/101/status/start")).rejects.toMatchObject({
    code: "TASK_FAILED",
    message: expect.stringContaining("bridge 'vmbr9' does not exist"),
  });
});

test("A change that is refused says that it was a change.", async () => {
  const { access } = await startApi(() => ({
    status: 403,
    reason: "Permission check failed (/vms/101, VM.Clone)",
  }));
  await expect(changesOf({ access }).change("POST", "nodes/pve1/qemu/101/clone")).rejects.toMatchObject({
    code: "NO_PERMISSION",
    message:
      "The API token may not change nodes/pve1/qemu/101/clone: Permission check failed (/vms/101, VM.Clone)",
  });
});

test("A task that outlives the deadline is TASK_FAILED, and said to go on.", async () => {
  const { access } = await startApi(() => ({ data: { status: "running" } }));
  const client = openProxmox(access);
  onTestFinished(() => client.close());
  const upid = "UPID:pve1:0001:0002:0003:qmclone:9000:ops@pve:";
  await expect(untilTaskEnds(client, upid, 250)).rejects.toMatchObject({
    code: "TASK_FAILED",
    message: expect.stringMatching(/^The task qmclone on node pve1 did not end/),
  });
});

test("A task that ended with warnings has succeeded.", async () => {
  const { access, requests } = await startApi(() => ({ data: { exitstatus: "WARNINGS: 1" } }));
  const client = openProxmox(access);
  onTestFinished(() => client.close());
  await untilTaskEnds(client, "UPID:pve1:0001:0002:0003:qmclone:9000:ops@pve!t:", 1_000);
  expect(requests.map(decodeURIComponent)).toEqual([
    "nodes/pve1/tasks/UPID:pve1:0001:0002:0003:qmclone:9000:ops@pve!t:/status",
  ]);
});

test("A file arrives whole, and one that the server finds to be another is refused.", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nixherd-upload-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "image");
  writeFileSync(file, "a".repeat(3_000_000));
  const cluster = await startTemplateCluster();
  const changes = changesOf(cluster);
  const upload = { node: "pve1", storage: "local", content: "iso", file } as const;
  const sha256 = "e1a2a2a8b5e5e5a5";
  await expect(
    changes.upload({ ...upload, name: "bad.iso", sha256: sha256.repeat(4) }),
  ).rejects.toMatchObject({
    code: "TASK_FAILED",
  });
  const right = createHash("sha256").update("a".repeat(3_000_000)).digest("hex");
  await changes.upload({ ...upload, name: "good.iso", sha256: right });
  const volumes = [...cluster.pve.cluster.volumes.values()].filter(({ content }) => content === "iso");
  expect(volumes.map(({ volid, sizeBytes }) => [volid, sizeBytes])).toEqual([
    ["local:iso/good.iso", 3_000_000],
  ]);
});

test("No token is shown by what fails.", async () => {
  const { access } = await startApi(() => ({ status: 500, reason: `refused ${goodToken}` }));
  await expect(changesOf({ access }).change("POST", "nodes")).rejects.toSatisfy(
    (error) => !String(error).includes(goodToken.split("=")[1] ?? ""),
  );
});

test("An upload that is interrupted is cut off at once, not at its deadline.", async () => {
  // A server that takes everything and never answers.
  const { access } = await startApi(() => undefined);
  const folder = mkdtempSync(join(tmpdir(), "nixherd-upload-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "image");
  writeFileSync(file, "a".repeat(100_000));
  const interrupt = new AbortController();
  const upload = changesOf({ access }).upload({
    node: "pve1",
    storage: "local",
    content: "import",
    file,
    name: "image.qcow2",
    sha256: "0".repeat(64),
    interrupt: interrupt.signal,
  });
  interrupt.abort();
  await expect(upload).rejects.toMatchObject({ code: "INTERRUPTED" });
});
