import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import type { RunningPve } from "../../../embedded/pve/start-pve.ts";
import { createClient } from "../pve/api-client.ts";
import { machine, machines, openTerraformLab } from "./terraform-lab.ts";

const requests: string[] = [];
const lab = await openTerraformLab();
const pve = await lab.startServer({
  delays: { taskMs: 1, statusRoundMs: 0 },
  onRequest: ({ method, path }) => requests.push(`${method} ${path}`),
});
const flags = ["-no-color", "-input=false"];
const address = "proxmox_virtual_environment_vm";

afterAll(() => lab.close());

describe.concurrent("a configuration over the stand-in", () => {
  test("is applied with events that programs can read", async () => {
    const { write, run } = await lab.workspace(pve);
    await write(machines({ web: machine(101) }));
    const { exitCode, stdout } = await run("apply", "-json", "-auto-approve");
    const events = stdout.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(exitCode).toBe(0);
    expect(events.find(({ type }) => type === "apply_complete")).toMatchObject({
      hook: { resource: { addr: `${address}.web` }, action: "create", id_value: "101" },
    });
    expect(events.find(({ type, changes }) => type === "change_summary" && changes)).toMatchObject({
      changes: { add: 1, change: 0, remove: 0 },
    });
    expect(pve.cluster.vms.get(101)?.process).toBeDefined();
  });

  test("is applied from a saved plan once, and a plan that is older than the state is refused", async () => {
    const { write, run } = await lab.workspace(pve);
    await write(machines({ web: machine(102) }));
    const plan = await run("plan", ...flags, "-detailed-exitcode", "-out=plan.bin");
    const apply = await run("apply", ...flags, "plan.bin");
    const again = await run("apply", ...flags, "plan.bin");
    const replan = await run("plan", ...flags, "-detailed-exitcode");
    expect([plan.exitCode, apply.exitCode, again.exitCode, replan.exitCode]).toEqual([2, 0, 1, 0]);
    expect(again.all).toContain("Saved plan is stale");
  });

  test("makes only what -target names, and what that depends on", async () => {
    const { write, run } = await lab.workspace(pve);
    await write(
      machines({
        base: machine(103),
        wanted: machine(104, { depends_on: [`${address}.base`] }),
        other: machine(105),
      }),
    );
    const { exitCode } = await run("apply", ...flags, "-auto-approve", `-target=${address}.wanted`);
    expect(exitCode).toBe(0);
    expect([103, 104, 105].map((vmid) => pve.cluster.vms.has(vmid))).toEqual([true, true, false]);
  });

  test("takes a machine over with an import block, without making it anew", async () => {
    const admin = createClient(pve, Object.values(pve.tokens)[0]);
    const config = { vmid: 106, name: "web-106", memory: 512, net0: "virtio,bridge=vmbr0" };
    await admin("POST", "/nodes/pve1/qemu", { params: config });
    const { clone: _clone, ...rest } = machine(106, {
      description: "taken over",
      started: false,
      lifecycle: { ignore_changes: "all" },
    }) as Record<string, unknown>;
    const { write, run, show } = await lab.workspace(pve);
    await write({ ...machines({ web: rest }), import: { to: `${address}.web`, id: "pve1/106" } });
    const { exitCode, all } = await run("apply", ...flags, "-auto-approve");
    const { values } = await show();
    expect(all).toContain("1 imported, 0 added, 0 changed, 0 destroyed");
    expect(exitCode).toBe(0);
    expect(values?.root_module.resources?.[0]?.values).toMatchObject({ vm_id: 106, name: "web-106" });
    expect(requests.filter((line) => line.startsWith("PUT") && line.includes("/106/"))).toEqual([]);
  });

  test("keeps a machine whose resource was renamed with a moved block", async () => {
    const { write, run } = await lab.workspace(pve);
    await write(machines({ old: machine(107) }));
    await run("apply", ...flags, "-auto-approve");
    const identity = pve.cluster.vms.get(107)?.config["vmgenid"];
    await write({
      ...machines({ new: machine(107) }),
      moved: { from: `${address}.old`, to: `${address}.new` },
    });
    const { all } = await run("apply", ...flags, "-auto-approve");
    expect(all).toContain("0 added, 0 changed, 0 destroyed");
    expect(pve.cluster.vms.get(107)?.config["vmgenid"]).toBe(identity);
  });

  test("taints a machine that was made but did not start, keeps the good one, and makes it anew", async () => {
    const { write, run, show } = await lab.workspace(pve);
    const broken = machine(109, { network_device: nic("nobr") });
    await write(machines({ good: machine(108), broken }));
    const first = await run("apply", ...flags, "-auto-approve");
    const { values } = await show();
    expect(first.exitCode).toBe(1);
    expect(first.all).toContain("bridge 'nobr' does not exist");
    expect(values?.root_module.resources?.map((one) => [one.address, one.tainted ?? false])).toEqual([
      [`${address}.broken`, true],
      [`${address}.good`, false],
    ]);
    await write(machines({ good: machine(108), broken: machine(109, { network_device: nic("vmbr0") }) }));
    const second = await run("apply", ...flags, "-auto-approve");
    expect(second.all).toContain("1 added, 0 changed, 1 destroyed");
    expect(pve.cluster.vms.get(109)?.process).toBeDefined();
  });
});

describe("one provider process", () => {
  test("serves several stacks with different servers at the same time, each with its own", async () => {
    const servers = await Promise.all(
      [1, 2, 3].map(() => lab.startServer({ delays: { taskMs: 20, statusRoundMs: 0 } })),
    );
    const applies = servers.map(async (server, index) => {
      const { write, run } = await lab.workspace(server);
      await write(machines({ web: machine(200 + index) }));
      return (await run("apply", ...flags, "-auto-approve")).exitCode;
    });
    expect(await Promise.all(applies)).toEqual([0, 0, 0]);
    expect(servers.map(ownMachines)).toEqual([[200], [201], [202]]);
  });

  test("drops the work of a Terraform that was killed, and serves the next one", async () => {
    const seen: string[] = [];
    const server = await lab.startServer({
      delays: { taskMs: 1, taskMsByType: { qmclone: 1000 }, statusRoundMs: 0 },
      onRequest: ({ method, path }) => seen.push(`${method} ${path}`),
    });
    const { write, run } = await lab.workspace(server);
    await write(machines({ web: machine(210) }));
    const apply = run("apply", ...flags, "-auto-approve");
    await until(() => seen.some((line) => line.includes("/clone")));
    apply.kill("SIGKILL");
    await apply;
    const before = seen.length;
    await until(() => server.cluster.vms.get(210)?.config["lock"] === undefined);
    const next = await lab.workspace(server);
    await next.write(machines({ web: machine(211) }));
    expect((await next.run("apply", ...flags, "-auto-approve")).exitCode).toBe(0);
    const late = seen.slice(before).filter((line) => line.includes("/210/"));
    expect(late).toEqual([]);
    expect(server.cluster.vms.get(210)?.process).toBeUndefined();
  });
});

describe("a timeout of the configuration", () => {
  test("ends the wait for a task, and the resource is not in the state when its clone was not done", async () => {
    const quick = await openTerraformLab({ NIXHERD_EMBEDDED_TIMEOUT_SCALE: "0.05" });
    try {
      const server = await quick.startServer({ delays: { taskMs: 60_000, statusRoundMs: 0 } });
      const { write, run, show } = await quick.workspace(server);
      await write(machines({ web: machine(220, { timeout_clone: 4 }) }));
      const { exitCode, all } = await run("apply", ...flags, "-auto-approve");
      expect(exitCode).toBe(1);
      expect(all?.replaceAll(/\s+/g, " ")).toMatch(
        /timeout while waiting for task "UPID:pve1:.*" to complete/,
      );
      expect((await show()).values?.root_module.resources ?? []).toEqual([]);
    } finally {
      await quick.close();
    }
  });
});

function nic(bridge: string): readonly object[] {
  const unset = { disconnected: null, enabled: null, firewall: null, mac_address: null, mtu: null };
  return [{ bridge, model: null, queues: null, rate_limit: null, trunks: null, vlan_id: null, ...unset }];
}

function ownMachines({ cluster }: RunningPve): readonly number[] {
  return [...cluster.vms.keys()].filter((vmid) => vmid < 9000);
}

async function until(isReached: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isReached()) {
    if (Date.now() > deadline) throw new Error("what the test waits for did not happen");
    await sleep(5);
  }
}
