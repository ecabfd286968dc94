import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runHaRound } from "../../../embedded/pve/ha/ha-rounds.ts";
import type { PveOptions } from "../../../embedded/pve/start-pve.ts";
import { runTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

async function open(options: PveOptions = {}): Promise<void> {
  lab = await startLab({ ...options, delays: { haRoundMs: 3_600_000, ...options.delays } });
  await lab.clone(101);
  await lab.clone(102);
}

afterEach(() => lab.pve.stop());

const manage = (vmid: number, params: object = {}) =>
  lab.admin("POST", "/cluster/ha/resources", { params: { sid: `vm:${vmid}`, ...params } as never });

const rule = (params: object) => lab.admin("POST", "/cluster/ha/rules", { params: params as never });

const vm = (vmid: number) => lab.pve.cluster.vms.get(vmid);

/** Types and users of the tasks of a machine, oldest first. */
function tasksOf(vmid: number): string[] {
  const tasks = [...lab.pve.cluster.tasks.values()].filter(({ id }) => id === String(vmid));
  return tasks.map(({ type, caller }) => `${type} ${caller.userId}`);
}

function managerTasks(vmid: number): string[] {
  return tasksOf(vmid).filter((task) => task.endsWith(" root@pam"));
}

describe("machines under HA", () => {
  beforeEach(() => open());

  const path = "/nodes/pve1/qemu/101";

  test("a start is only requested; the manager starts it in its next round", async () => {
    await manage(101, { state: "stopped" });
    runHaRound(lab.pve.cluster);
    expect(await runTask(lab.admin, "POST", `${path}/status/start`)).toBe("OK");
    expect(vm(101)?.process).toBeUndefined();
    expect((await lab.admin("GET", "/cluster/ha/resources/vm:101")).data).toMatchObject({ state: "started" });
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(101)?.process).toBeDefined();
    expect(tasksOf(101)).toEqual(["hastart terraform@pve", "qmstart root@pam"]);
  });

  test("a stop is only requested, and becomes the state that it shall have", async () => {
    await lab.start(101);
    await manage(101);
    runHaRound(lab.pve.cluster);
    expect(await runTask(lab.admin, "POST", `${path}/status/stop`)).toBe("OK");
    expect(vm(101)?.process).toBeDefined();
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(101)?.process).toBeUndefined();
    expect((await lab.admin("GET", "/cluster/ha/resources/vm:101")).data).toMatchObject({ state: "stopped" });
    expect(managerTasks(101)).toEqual(["qmstop root@pam"]);
  });

  test("a machine that was stopped from inside is started again", async () => {
    await lab.start(101);
    await manage(101);
    runHaRound(lab.pve.cluster);
    const machine = vm(101);
    if (machine !== undefined) machine.process = undefined;
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(101)?.process).toBeDefined();
  });

  test("a machine that is ignored is started and stopped as any other", async () => {
    await manage(101, { state: "ignored" });
    expect(await runTask(lab.admin, "POST", `${path}/status/start`)).toBe("OK");
    expect(vm(101)?.process).toBeDefined();
    expect((await lab.admin("GET", `${path}/status/current`)).data).toMatchObject({ ha: { managed: 0 } });
  });

  test("one that cannot start is given up, and must be disabled first", async () => {
    await lab.set(101, { net0: "virtio,bridge=nobr" });
    await manage(101, { max_restart: 1 });
    for (const failures of [1, 2]) {
      runHaRound(lab.pve.cluster);
      await expect.poll(() => lab.pve.cluster.datacenter.haServices["vm:101"]?.failures).toBe(failures);
    }
    runHaRound(lab.pve.cluster);
    expect((await lab.admin("GET", `${path}/status/current`)).data).toMatchObject({
      ha: { managed: 1, state: "error" },
    });
    const resource = "/cluster/ha/resources/vm:101";
    const refused = await lab.admin("PUT", resource, { params: { state: "started" } });
    expect(refused.reason).toBe("service 'vm:101' in error state, must be disabled and fixed first");
    expect(await runTask(lab.admin, "POST", `${path}/status/start`)).toContain("ha-manager set vm:101");
    expect((await lab.admin("PUT", resource, { params: { state: "disabled" } })).status).toBe(200);
    runHaRound(lab.pve.cluster);
    expect(lab.pve.cluster.datacenter.haServices["vm:101"]?.failures).toBe(0);
  });

  test("it is destroyed with purge only, which takes it out of HA", async () => {
    await manage(101, { state: "stopped" });
    const kept = await lab.admin("DELETE", path);
    expect(kept.reason).toBe("unable to remove VM 101 - used in HA resources and purge parameter not set.");
    expect(await runTask(lab.admin, "DELETE", path, { purge: 1 })).toBe("OK");
    expect((await lab.admin("GET", "/cluster/ha/resources")).data).toEqual([]);
  });

  test("a migration is requested, and done by the manager", async () => {
    await lab.start(101);
    await manage(101);
    runHaRound(lab.pve.cluster);
    expect(await runTask(lab.admin, "POST", `${path}/migrate`, { target: "pve2", online: 1 })).toBe("OK");
    expect(vm(101)?.node).toBe("pve1");
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(101)?.node).toBe("pve2");
    expect(tasksOf(101).slice(1)).toEqual(["hamigrate terraform@pve", "qmigrate root@pam"]);
  });

  test("machines that belong together move together; one that must be alone keeps others away", async () => {
    await manage(101, { state: "stopped" });
    await manage(102, { state: "stopped" });
    const resources = "vm:101,vm:102";
    await rule({ rule: "pair", type: "resource-affinity", resources, affinity: "positive" });
    runHaRound(lab.pve.cluster);
    const moved = await lab.admin("POST", "/cluster/ha/resources/vm:101/migrate", {
      params: { node: "pve2" },
    });
    expect(moved.data).toEqual({
      sid: "vm:101",
      "requested-node": "pve2",
      "comigrated-resources": ["vm:102"],
    });
    runHaRound(lab.pve.cluster);
    await expect.poll(() => [vm(101)?.node, vm(102)?.node]).toEqual(["pve2", "pve2"]);
    await lab.admin("PUT", "/cluster/ha/rules/pair", {
      params: { type: "resource-affinity", affinity: "negative" },
    });
    await runTask(lab.admin, "POST", "/nodes/pve2/qemu/102/migrate", { target: "pve1" });
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(102)?.node).toBe("pve1");
    const blocked = await lab.admin("POST", "/cluster/ha/resources/vm:101/migrate", {
      params: { node: "pve1" },
    });
    expect(blocked.data).toMatchObject({
      "blocking-resources": [{ sid: "vm:102", cause: "resource-affinity" }],
    });
  });

  test("a rule brings a started machine to its preferred node", async () => {
    await manage(101);
    await rule({ rule: "home", type: "node-affinity", resources: "vm:101", nodes: "pve1:1,pve2:5" });
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(101)?.node).toBe("pve2");
    runHaRound(lab.pve.cluster);
    await expect.poll(() => vm(101)?.process).toBeDefined();
    expect(managerTasks(101)).toEqual(["qmigrate root@pam", "qmstart root@pam"]);
  });

  test("nothing is done while HA is disarmed", async () => {
    await lab.admin("POST", "/cluster/ha/status/disarm-ha", { params: { "resource-mode": "ignore" } });
    await manage(101);
    runHaRound(lab.pve.cluster);
    expect(managerTasks(101)).toEqual([]);
    expect(await runTask(lab.admin, "POST", `${path}/status/start`)).toBe("OK");
    expect(vm(101)?.process).toBeDefined();
  });

  test("lists of the whole cluster and the manager's own show its state", async () => {
    await manage(101, { state: "stopped" });
    const own = async () => {
      const { data } = await lab.admin("GET", "/cluster/ha/status/current");
      return (data as { id: string; state?: string }[]).find(({ id }) => id === "service:vm:101")?.state;
    };
    expect(await own()).toBe("queued");
    runHaRound(lab.pve.cluster);
    expect(await own()).toBe("stopped");
    const { data } = await lab.admin("GET", "/cluster/resources", { params: { type: "vm" } });
    const hastates = (data as Record<string, unknown>[]).map(({ vmid, hastate }) => [vmid, hastate]);
    expect(hastates).toContainEqual([101, "stopped"]);
    expect(hastates).toContainEqual([102, undefined]);
    const manager = await lab.admin("GET", "/cluster/ha/status/manager_status");
    expect(manager.data).toMatchObject({
      manager_status: { service_status: { "vm:101": { node: "pve1", state: "stopped" } } },
    });
  });
});

describe("a manager without rounds", () => {
  test("acts as soon as something changes", async () => {
    await open({ delays: { haRoundMs: 0 } });
    await manage(101);
    await expect.poll(() => vm(101)?.process).toBeDefined();
    await lab.admin("PUT", "/cluster/ha/resources/vm:101", { params: { state: "disabled" } });
    await expect.poll(() => vm(101)?.process).toBeUndefined();
  });
});
