import { afterEach, describe, expect, test } from "vitest";
import { createCaller } from "../../../embedded/pve/access/caller.ts";
import type { PveOptions } from "../../../embedded/pve/start-pve.ts";
import { startTask } from "../../../embedded/pve/state/task.ts";
import { runTask, waitForTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

async function open(options: PveOptions = {}): Promise<void> {
  lab = await startLab(options);
}

afterEach(() => lab.pve.stop());

describe("tasks", () => {
  test("a UPID names node, process, start, type, subject and caller", async () => {
    await open();
    const { data: upid } = await lab.admin("POST", "/nodes/pve1/qemu/9000/clone", { params: { newid: 101 } });
    expect(upid).toMatch(/^UPID:pve1:([0-9A-F]{8}:){3}qmclone:9000:terraform@pve!provider:$/);
    const { data } = await lab.admin("GET", `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`);
    const [, , pid, , start] = String(upid).split(":");
    expect(data).toMatchObject({
      upid,
      node: "pve1",
      type: "qmclone",
      id: "9000",
      user: "terraform@pve",
      tokenid: "provider",
      pid: Number.parseInt(String(pid), 16),
      starttime: Number.parseInt(String(start), 16),
    });
    await waitForTask(lab.admin, upid);
  });

  test("a task runs at its first poll and is stopped later", async () => {
    await open({ delays: { taskMs: 200 } });
    const { data: upid } = await lab.admin("POST", "/nodes/pve1/qemu/9000/clone", { params: { newid: 101 } });
    const { data } = await lab.admin("GET", `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`);
    expect(data).toMatchObject({ status: "running" });
    expect(data).not.toHaveProperty("exitstatus");
    expect(await waitForTask(lab.admin, upid)).toBe("OK");
  });

  test("one that is stopped takes back what it had prepared", async () => {
    await open({ delays: { taskMs: 600_000 } });
    const { data: clone } = await lab.admin("POST", "/nodes/pve1/qemu/9000/clone", {
      params: { newid: 101 },
    });
    const { data: create } = await lab.admin("POST", "/nodes/pve1/qemu", { params: { vmid: 102 } });
    for (const upid of [clone, create]) {
      await lab.admin("DELETE", `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}`);
      expect(await waitForTask(lab.admin, upid)).toBe("interrupted by signal");
    }
    expect([...lab.pve.cluster.vms.keys()]).toEqual([9000]);
  });

  test("those that run end when the server stops", async () => {
    const other = await startLab({ delays: { taskMs: 600_000 } });
    await other.admin("POST", "/nodes/pve1/qemu/9000/clone", { params: { newid: 101 } });
    await other.pve.stop();
    await open();
    const [task] = other.pve.cluster.tasks.values();
    await expect.poll(() => task?.exitStatus).toBe("interrupted by signal");
  });

  test("the list is newest first and can be narrowed", async () => {
    await open();
    await lab.clone(101);
    await lab.start(101);
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/101/status/start");
    const list = async (params: Record<string, string | number>) => {
      const { data } = await lab.admin("GET", "/nodes/pve1/tasks", { params });
      return (data as { type: string; status: string }[]).map(({ type, status }) => `${type} ${status}`);
    };
    const failed = "qmstart VM 101 already running";
    expect(await list({})).toEqual([failed, "qmstart OK", "qmclone OK"]);
    expect(await list({ vmid: 101, limit: 1 })).toEqual([failed]);
    expect(await list({ errors: 1 })).toEqual([failed]);
    expect(await list({ typefilter: "qmclone" })).toEqual(["qmclone OK"]);
    expect(await list({ source: "active" })).toEqual([]);
    expect((await lab.admin("GET", "/nodes/pve2/tasks")).data).toEqual([]);
  });

  test("finished ones are forgotten beyond some thousands, running ones never", async () => {
    await open({ delays: { taskMsByType: { slow: 600_000 } } });
    const { cluster } = lab.pve;
    const task = { node: "pve1", id: "", caller: createCaller("terraform@pve!provider") };
    const slow = startTask(cluster, { ...task, type: "slow" }, () => undefined);
    Object.assign(cluster.delays, { taskMs: 0 });
    const quick = Array.from({ length: 6000 }, () =>
      startTask(cluster, { ...task, type: "quick" }, () => undefined),
    );
    await expect.poll(() => cluster.tasks.size).toBe(5000);
    expect([cluster.tasks.has(slow), cluster.tasks.has(quick[0] ?? "")]).toEqual([true, false]);
    expect(cluster.tasks.has(quick.at(-1) ?? "")).toBe(true);
  });

  test("one that does not stop to talk keeps a bounded log, and one that cannot be taken back ends all the same", async () => {
    await open();
    const { cluster } = lab.pve;
    const caller = createCaller("terraform@pve!provider");
    const talk = startTask(cluster, { node: "pve1", type: "talk", id: "", caller }, ({ log }) => {
      for (let line = 0; line < 20_000; line += 1) log(`line ${line}`);
    });
    expect(await waitForTask(lab.admin, talk)).toBe("OK");
    expect(cluster.tasks.get(talk)?.log).toHaveLength(5001);
    const undo = () => Promise.reject(new Error("no way back"));
    const failing = { node: "pve1", type: "fail", id: "", caller, undo };
    const fail = startTask(cluster, failing, () => Promise.reject(new Error("first reason")));
    expect(await waitForTask(lab.admin, fail)).toBe("first reason");
    expect(cluster.tasks.get(fail)?.log).toEqual(["cleanup failed: no way back", "TASK ERROR: first reason"]);
  });

  test("a UPID that is none is refused, one that is unknown is not found", async () => {
    await open();
    const status = (upid: string) => lab.admin("GET", `/nodes/pve1/tasks/${encodeURIComponent(upid)}/status`);
    const unknown = "UPID:pve1:00000001:00000001:00000001:qmstart:101:terraform@pve!provider:";
    expect((await status("nonsense")).status).toBe(400);
    expect((await status(unknown)).status).toBe(500);
  });
});
