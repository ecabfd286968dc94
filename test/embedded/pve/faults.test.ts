import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FaultRule } from "../../../embedded/pve/faults/fault-rule.ts";
import { runTask, waitForTask } from "./api-client.ts";
import { callFaults, countFaults, setFaults } from "./fault-client.ts";
import { adminToken, guestsThat, type Lab, startLab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  const guests = guestsThat({ agent: () => Promise.resolve({}) });
  const tokens = [{ id: adminToken }, { id: "reader@pve!audit", role: "PVEAuditor" }];
  lab = await startLab({ guests, tokens });
  await lab.clone(101, { name: "web" });
  await lab.clone(102);
});
afterAll(() => lab.pve.stop());
afterEach(async () => {
  await callFaults(lab.pve, "DELETE");
});

const configPath = "/nodes/pve1/qemu/101/config";
const put = (description: string) => lab.admin("PUT", configPath, { params: { description } });
const descriptionOf = async () => (await lab.config(101))["description"];

describe("calls", () => {
  const answers: readonly (readonly [Partial<FaultRule>, number, string])[] = [
    [{ status: 500 }, 500, "can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout"],
    [{ status: 595 }, 595, "No route to host"],
    [{ status: 596 }, 596, "Broken pipe"],
    [{ status: 599 }, 599, "Too many redirections"],
    [{ status: 596, reason: "Connection timed out" }, 596, "Connection timed out"],
  ];
  test.each(answers)(
    "a call that meets %j is answered with %i %s, and nothing is done",
    async (rule, status, reason) => {
      const before = await descriptionOf();
      await setFaults(lab.pve, [
        { fault: "status", call: "PUT /nodes/*/qemu/*/config", ...rule } as FaultRule,
      ]);
      expect(await put(`not ${status}`)).toMatchObject({ status, reason });
      expect(await descriptionOf()).toBe(before);
    },
  );

  test("an answer that is lost after the work leaves the work done", async () => {
    await setFaults(lab.pve, [{ fault: "status", call: "PUT /**", status: 596, afterWork: true }]);
    expect(await put("done all the same")).toMatchObject({ status: 596, body: undefined });
    expect(await descriptionOf()).toBe("done all the same");
  });

  test("a connection is reset before the work, or after it", async () => {
    await setFaults(lab.pve, [
      { fault: "reset", call: "PUT /**", count: 1 },
      { fault: "reset", call: "PUT /**", afterWork: true },
    ]);
    await expect(put("first")).rejects.toThrow("read ECONNRESET");
    expect(await descriptionOf()).not.toBe("first");
    await expect(put("second")).rejects.toThrow("read ECONNRESET");
    expect(await descriptionOf()).toBe("second");
  });

  test("a connection is dropped before its TLS handshake, and only a new one is", async () => {
    const isUp = async () => (await lab.admin("GET", "/version")).status === 200;
    expect(await isUp()).toBe(true);
    await setFaults(lab.pve, [{ fault: "tls-drop", count: 1 }]);
    expect(await isUp()).toBe(true);
    const dropped = { cause: { message: expect.stringContaining("before secure TLS connection") } };
    await expect(callFaults(lab.pve, "GET")).rejects.toMatchObject(dropped);
    expect(await callFaults(lab.pve, "GET")).toMatchObject({ status: 200 });
  });

  test("latency holds back the calls of one path only", async () => {
    await setFaults(lab.pve, [{ fault: "latency", call: "GET /cluster/**", ms: 300 }]);
    const order: string[] = [];
    const slow = lab.admin("GET", "/cluster/resources").then(() => order.push("slow"));
    const quick = lab.admin("GET", configPath).then(() => order.push("quick"));
    await Promise.all([slow, quick]);
    expect(order).toEqual(["quick", "slow"]);
  });

  test("rules are matched by method, path, node and machine", async () => {
    await setFaults(lab.pve, [
      { fault: "status", status: 500, reason: "method", call: "POST /nodes/*/qemu/*/config" },
      { fault: "status", status: 500, reason: "path", call: "PUT /nodes/*/qemu/*" },
      { fault: "status", status: 500, reason: "node", node: "pve2" },
      { fault: "status", status: 500, reason: "machine", vmid: 102 },
      { fault: "status", status: 500, reason: "rest", call: "* /nodes/**", node: "pve1" },
    ]);
    expect(await put("x")).toMatchObject({ reason: "rest" });
    expect(await lab.admin("GET", "/nodes/pve1/qemu/102/config")).toMatchObject({ reason: "machine" });
    expect(await lab.admin("GET", "/nodes/pve2/qemu")).toMatchObject({ reason: "node" });
    expect(await lab.admin("GET", "/cluster/resources")).toMatchObject({ status: 200 });
  });

  test("a rule skips events, ends after its count, and tells both", async () => {
    await setFaults(lab.pve, [{ fault: "status", status: 599, call: "GET /version", skip: 2, count: 2 }]);
    const statuses = [];
    for (let call = 0; call < 6; call += 1) statuses.push((await lab.admin("GET", "/version")).status);
    expect(statuses).toEqual([200, 200, 599, 599, 200, 200]);
    expect(await countFaults(lab.pve)).toEqual([[6, 2]]);
  });

  test("equal seeds meet the same calls, other seeds others, at about the rate that was asked for", async () => {
    const run = async (seed: number) => {
      await setFaults(
        lab.pve,
        [{ fault: "status", status: 596, call: "GET /version", probability: 0.3 }],
        seed,
      );
      const met: boolean[] = [];
      for (let call = 0; call < 100; call += 1) met.push((await lab.admin("GET", "/version")).status === 596);
      return met;
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
    const rate = first.filter(Boolean).length;
    expect(rate).toBeGreaterThan(15);
    expect(rate).toBeLessThan(45);
  });
});

describe("tasks", () => {
  const stop = "/nodes/pve1/qemu/101/status/stop";

  test("a task ends with a lock timeout and has done nothing, then the next one works", async () => {
    await lab.start(101);
    await setFaults(lab.pve, [{ fault: "task-failure", task: "qmstop", count: 1 }]);
    const text = "can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout";
    expect(await runTask(lab.admin, "POST", stop)).toBe(text);
    expect(lab.pve.cluster.vms.get(101)?.process).toBeDefined();
    expect(await runTask(lab.admin, "POST", stop)).toBe("OK");
  });

  test("a clone that fails leaves nothing behind; one that fails after its work leaves the machine", async () => {
    const clone = (newid: number) =>
      runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", { newid, full: 1 });
    await setFaults(lab.pve, [
      { fault: "task-failure", task: "qmclone", exitStatus: "clone failed: no", count: 1 },
      { fault: "task-failure", task: "qmclone", exitStatus: "clone failed: late", afterWork: true },
    ]);
    const volumes = lab.pve.cluster.volumes.size;
    expect(await clone(110)).toBe("clone failed: no");
    expect(lab.pve.cluster.vms.has(110)).toBe(false);
    expect(lab.pve.cluster.volumes.size).toBe(volumes);
    expect(await clone(110)).toBe("clone failed: late");
    expect(lab.pve.cluster.vms.get(110)?.config["lock"]).toBeUndefined();
  });

  test("a slow task still runs when a quick one of another machine has ended", async () => {
    await setFaults(lab.pve, [{ fault: "task-duration", task: "qmstart", vmid: 101, ms: 60_000 }]);
    const slow = await lab.admin("POST", "/nodes/pve1/qemu/101/status/start");
    await lab.start(102);
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(slow.data))}`;
    expect((await lab.admin("GET", `${path}/status`)).data).toMatchObject({ status: "running" });
    await lab.admin("DELETE", path);
    expect(await waitForTask(lab.admin, slow.data)).toBe("interrupted by signal");
  });
});

describe("nodes", () => {
  const resources = async () => {
    const { data } = await lab.admin("GET", "/cluster/resources");
    return data as readonly Record<string, unknown>[];
  };

  const statuses = async () => {
    const { data } = await lab.admin("GET", "/cluster/status");
    return (data as readonly { type: string; online?: number }[])
      .filter(({ type }) => type === "node")
      .map(({ online }) => online);
  };

  test("a node that is down is 595 on its paths and offline in lists, its machines unknown; then it is back", async () => {
    await setFaults(lab.pve, [{ fault: "node-down", node: "pve1" }]);
    expect(await lab.admin("GET", configPath)).toMatchObject({ status: 595, body: undefined });
    const down = await resources();
    expect(down.find(({ id }) => id === "node/pve1")).toMatchObject({ status: "offline" });
    expect(down.find(({ id }) => id === "qemu/101")).toMatchObject({ status: "unknown" });
    expect(down.find(({ id }) => id === "storage/pve1/local-lvm")).toMatchObject({ status: "unknown" });
    expect(await statuses()).toEqual([0, 1]);
    expect(await lab.admin("GET", "/nodes/pve2/qemu")).toMatchObject({ status: 200 });
    await callFaults(lab.pve, "DELETE");
    expect(await statuses()).toEqual([1, 1]);
    expect(await lab.admin("GET", configPath)).toMatchObject({ status: 200 });
    expect((await resources()).find(({ id }) => id === "node/pve1")).toMatchObject({ status: "online" });
  });

  test("a node comes back by itself when the rule's time is over", async () => {
    await setFaults(lab.pve, [{ fault: "node-down", node: "pve1", lastsMs: 300 }]);
    expect(await lab.admin("GET", configPath)).toMatchObject({ status: 595 });
    const isBack = async () => (await lab.admin("GET", configPath)).status;
    await expect.poll(isBack, { timeout: 10_000 }).toBe(200);
    expect((await callFaults(lab.pve, "GET")).body.rules).toMatchObject([{ active: false }]);
  });
});

describe("storages", () => {
  const spaceOf = async (node: string) => {
    const { data } = await lab.admin("GET", `/nodes/${node}/storage/local-lvm/status`);
    return (data as { avail: number }).avail;
  };

  test("a full storage takes no volume on its node, and what was begun is taken back", async () => {
    await setFaults(lab.pve, [{ fault: "storage-full", storage: "local-lvm", node: "pve1" }]);
    const volumes = lab.pve.cluster.volumes.size;
    const text = /lvcreate 'pve\/vm-120-\w+' error: .*free space in thin pool pve\/data reached threshold/;
    const params = { newid: 120, full: 1 };
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", params)).toMatch(text);
    expect(await lab.set(102, { scsi3: "local-lvm:1" })).toMatchObject({ status: 500 });
    expect(lab.pve.cluster.volumes.size).toBe(volumes);
    expect(lab.pve.cluster.vms.has(120)).toBe(false);
    expect(await spaceOf("pve1")).toBe(0);
    expect(await spaceOf("pve2")).toBeGreaterThan(0);
    await callFaults(lab.pve, "DELETE");
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu/9000/clone", params)).toBe("OK");
  });
});

describe("guests", () => {
  const ping = () => lab.admin("POST", "/nodes/pve1/qemu/102/agent/ping");
  const shutdown = (params = {}) =>
    runTask(lab.admin, "POST", "/nodes/pve1/qemu/102/status/shutdown", { timeout: 1, ...params });
  const restart = async () => {
    await runTask(lab.admin, "POST", "/nodes/pve1/qemu/102/status/stop");
    await lab.start(102);
  };

  test("an agent is silent for as long as it is asked to be", async () => {
    await restart();
    await setFaults(lab.pve, [{ fault: "agent-silent", vmid: 102, count: 1 }]);
    expect(await ping()).toMatchObject({ status: 500, reason: "QEMU guest agent is not running" });
    expect(await ping()).toMatchObject({ status: 200 });
  });

  test("a guest ignores a shutdown, and is terminated when that is forced", async () => {
    await restart();
    await setFaults(lab.pve, [{ fault: "ignores-shutdown", vmid: 102 }]);
    expect(await shutdown()).toBe("VM quit/powerdown failed - got timeout");
    expect(await shutdown({ forceStop: 1 })).toBe("OK");
    expect(lab.pve.cluster.vms.get(102)?.process).toBeUndefined();
  });

  test("a guest that did not boot has no agent and ignores shutdowns until its power is cut", async () => {
    await setFaults(lab.pve, [{ fault: "never-boots", count: 1 }]);
    await restart();
    expect(await ping()).toMatchObject({ status: 500 });
    expect(await shutdown()).toBe("VM quit/powerdown failed - got timeout");
    await restart();
    expect(await ping()).toMatchObject({ status: 200 });
  });
});

describe("the control endpoint", () => {
  test("callers without a token, or without the right to modify the cluster, are refused", async () => {
    expect(await callFaults(lab.pve, "GET", undefined, "nobody@pve!x=y")).toMatchObject({ status: 401 });
    const reader = lab.pve.tokens["reader@pve!audit"];
    expect(await callFaults(lab.pve, "GET", undefined, reader)).toMatchObject({ status: 403 });
  });

  test("every problem of every rule is told, and the faults in force stay", async () => {
    await setFaults(lab.pve, [{ fault: "status", status: 595, call: "GET /version" }]);
    const { status, body } = await callFaults(lab.pve, "PUT", {
      seed: 0.5,
      rules: [
        { fault: "explode" },
        { fault: "latency" },
        { fault: "reset", call: "version" },
        { fault: "tls-drop", count: 1, node: "a" },
      ],
    });
    expect(status).toBe(400);
    expect(Object.keys(body.errors ?? {}).sort()).toEqual([
      "/rules/0/fault",
      "/rules/1",
      "/rules/2/call",
      "/rules/3",
      "/seed",
    ]);
    expect(await lab.admin("GET", "/version")).toMatchObject({ status: 595 });
  });
});
