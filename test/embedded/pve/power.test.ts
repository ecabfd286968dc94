import { afterEach, describe, expect, test } from "vitest";
import { AgentError, AgentNotRunning } from "../../../embedded/pve/guest-port.ts";
import type { PveOptions } from "../../../embedded/pve/start-pve.ts";
import { runTask, waitForTask } from "./api-client.ts";
import { guestsThat, type Lab, startLab } from "./lab.ts";

let lab: Lab;

async function open(options: PveOptions = {}): Promise<void> {
  lab = await startLab(options);
  await lab.clone(101);
}

afterEach(() => lab.pve.stop());

const machine = "/nodes/pve1/qemu/101";
const task = (action: string, params?: Readonly<Record<string, string | number>>) =>
  runTask(lab.admin, "POST", `${machine}/status/${action}`, params);

async function status(): Promise<Record<string, unknown>> {
  const { data } = await lab.admin("GET", `${machine}/status/current`);
  return data as Record<string, unknown>;
}

describe("power", () => {
  test("a start tells the guest what it is started with", async () => {
    const machines: unknown[] = [];
    await open({ guests: guestsThat({ boot: async (started) => void machines.push(started) }) });
    await lab.set(101, { name: "web-1", memory: 2048 });
    await lab.start(101);
    expect(machines).toEqual([
      expect.objectContaining({
        vmid: 101,
        node: "pve1",
        name: "web-1",
        config: expect.objectContaining({ memory: "2048" }),
      }),
    ]);
    expect(await status()).toMatchObject({ status: "running", qmpstatus: "running", agent: 1 });
  });

  test("a guest that does not boot fails the start with its words and leaves the machine stopped", async () => {
    await open({ guests: guestsThat({ boot: () => Promise.reject(new Error("no init found")) }) });
    expect(await task("start")).toBe("no init found");
    expect(await status()).toMatchObject({ status: "stopped" });
  });

  test.each([
    [{ net0: "virtio,bridge=nobr" }, "bridge 'nobr' does not exist"],
    [{ cores: 17 }, "MAX 16 vcpus allowed per VM on this node"],
  ])("a machine with %o is refused only at its start", async (params, exit) => {
    await open();
    expect((await lab.set(101, params)).status).toBe(200);
    expect(await task("start")).toBe(exit);
    expect(await status()).toMatchObject({ status: "stopped" });
  });

  test("a machine is shown with no more CPUs than its node has", async () => {
    await open({ nodes: [{ name: "pve1", cpus: 2 }] });
    await lab.set(101, { cores: 4, sockets: 2 });
    expect(await status()).toMatchObject({ cpus: 2 });
  });

  test("starting twice fails in the task, stopping twice does not", async () => {
    await open();
    await lab.start(101);
    expect(await task("start")).toBe("VM 101 already running");
    expect([await task("stop"), await task("stop")]).toEqual(["OK", "OK"]);
  });

  test("an obedient guest shuts down, and its waiting changes are applied", async () => {
    await open();
    await lab.start(101);
    await lab.set(101, { cores: 4 });
    expect(await task("shutdown", { timeout: 60 })).toBe("OK");
    expect(await status()).toMatchObject({ status: "stopped", cpus: 4 });
  });

  test("a guest that ignores shutdown stays up, unless its power is cut after the timeout", async () => {
    const cut: number[] = [];
    await open({
      guests: guestsThat({ shutdown: async () => false, powerOff: async (vmid) => void cut.push(vmid) }),
    });
    await lab.start(101);
    expect(await task("shutdown", { timeout: 0 })).toBe("VM quit/powerdown failed - got timeout");
    expect(await status()).toMatchObject({ status: "running" });
    expect(await task("shutdown", { timeout: 0, forceStop: 1 })).toBe("OK");
    expect([await status(), cut]).toMatchObject([{ status: "stopped" }, [101]]);
  });

  test("a silent agent is mentioned in the shutdown's log", async () => {
    await open();
    await lab.start(101);
    const { data: upid } = await lab.admin("POST", `${machine}/status/shutdown`);
    await waitForTask(lab.admin, upid);
    const { data: log } = await lab.admin("GET", `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/log`);
    expect((log as { t: string }[]).map(({ t }) => t)).toEqual([
      "QEMU Guest Agent is not running - VM 101 qga command 'guest-ping' failed - got timeout",
      "TASK OK",
    ]);
  });

  test("a reboot takes waiting changes along and gives the machine a new process", async () => {
    await open();
    await lab.start(101);
    const { pid } = await status();
    await lab.set(101, { cores: 2 });
    expect(await task("reboot", { timeout: 60 })).toBe("OK");
    await expect.poll(status, { timeout: 5000 }).toMatchObject({ status: "running", cpus: 2 });
    expect((await status())["pid"]).not.toBe(pid);
  });

  test("a reset keeps the process and boots the guest again", async () => {
    const events: string[] = [];
    await open({
      guests: guestsThat({
        boot: async () => void events.push("boot"),
        powerOff: async () => void events.push("off"),
      }),
    });
    await lab.start(101);
    const { pid } = await status();
    expect(await task("reset")).toBe("OK");
    expect([events, (await status())["pid"]]).toEqual([["boot", "off", "boot"], pid]);
  });

  test("a paused machine counts as running", async () => {
    await open();
    await lab.start(101);
    await task("suspend");
    expect(await status()).toMatchObject({ status: "running", qmpstatus: "paused" });
    await task("resume");
    expect(await status()).toMatchObject({ qmpstatus: "running" });
  });

  test("a change waits while a start holds the machine", async () => {
    const booted = Promise.withResolvers<void>();
    await open({ guests: guestsThat({ boot: () => booted.promise }) });
    const { data: upid } = await lab.admin("POST", `${machine}/status/start`);
    await expect.poll(status).toMatchObject({ status: "running" });
    const change = lab.set(101, { cores: 2 });
    const first = await Promise.race([
      change.then(() => "changed"),
      lab.config(101).then(() => "still waiting"),
    ]);
    booted.resolve();
    expect(await waitForTask(lab.admin, upid)).toBe("OK");
    expect([first, (await change).status]).toEqual(["still waiting", 200]);
  });

  test("a change gives up when the operation before it takes too long", async () => {
    const booted = Promise.withResolvers<void>();
    await open({ guests: guestsThat({ boot: () => booted.promise }), delays: { lockTimeoutMs: 30 } });
    await lab.admin("POST", `${machine}/status/start`);
    await expect.poll(status).toMatchObject({ status: "running" });
    const reason = "can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout";
    expect(await lab.set(101, { cores: 2 })).toMatchObject({ status: 500, reason });
    booted.resolve();
  });

  test("a start that was asked for during the machine's destruction starts nothing", async () => {
    const booted: number[] = [];
    const taskMsByType = { qmdestroy: 300, qmstart: 400 };
    await open({
      guests: guestsThat({ boot: async ({ vmid }) => void booted.push(vmid) }),
      delays: { taskMsByType },
    });
    const destroy = lab.admin("DELETE", machine);
    const start = lab.admin("POST", `${machine}/status/start`);
    const exits = await Promise.all(
      [destroy, start].map(async (call) => waitForTask(lab.admin, (await call).data)),
    );
    expect(exits).toEqual(["OK", "Configuration file 'nodes/pve1/qemu-server/101.conf' does not exist"]);
    expect(booted).toEqual([]);
  });

  test.each([
    ["destruction", "qmdestroy", "DELETE", machine, "VM 101 is running - destroy failed"],
    [
      "conversion",
      "qmtemplate",
      "POST",
      `${machine}/template`,
      "you can't convert a VM to template if VM is running",
    ],
  ])("a %s that a start overtakes does nothing", async (_, type, method, path, reason) => {
    await open({ delays: { taskMsByType: { qmstart: 300, [type]: 400 } } });
    const start = lab.admin("POST", `${machine}/status/start`);
    const late = lab.admin(method, path);
    const exits = await Promise.all(
      [start, late].map(async (call) => waitForTask(lab.admin, (await call).data)),
    );
    expect(exits).toEqual(["OK", reason]);
    expect(await status()).toMatchObject({ status: "running" });
  });

  test("an agent that answers with an error does not keep a machine from shutting down", async () => {
    await open({ guests: guestsThat({ agent: () => Promise.reject(new AgentError("disabled")) }) });
    await lab.start(101);
    expect(await task("shutdown")).toBe("OK");
  });

  test("stopping a task ends its work and frees the machine", async () => {
    await open({ guests: guestsThat({ shutdown: async () => false }) });
    await lab.start(101);
    const { data: upid } = await lab.admin("POST", `${machine}/status/shutdown`, {
      params: { timeout: 600 },
    });
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}`;
    expect((await lab.admin("GET", `${path}/status`)).data).toMatchObject({ status: "running" });
    await lab.admin("DELETE", path);
    expect(await waitForTask(lab.admin, upid)).toBe("interrupted by signal");
    expect(await task("stop")).toBe("OK");
  });
});

describe("the agent", () => {
  const ping = () => lab.admin("POST", `${machine}/agent/ping`);

  test.each([
    ["of a stopped machine", {}, false, "VM 101 is not running"],
    ["that was never configured", { delete: "agent" }, true, "No QEMU guest agent configured"],
    ["that is switched off", { agent: "0" }, true, "QEMU guest agent is not running"],
    ["that does not answer", {}, true, "QEMU guest agent is not running"],
  ])("%s is reported as such", async (_, params, isStarted, reason) => {
    await open();
    if (Object.keys(params).length > 0) await lab.set(101, params);
    if (isStarted) await lab.start(101);
    expect(await ping()).toMatchObject({ status: 500, reason });
  });

  test("gets command and parameters, and its answer is wrapped except for files and programs", async () => {
    const asked: unknown[] = [];
    await open({
      guests: guestsThat({
        agent: async (...call) => {
          asked.push(call);
          return { content: "x" };
        },
      }),
    });
    await lab.start(101);
    const osInfo = await lab.admin("GET", `${machine}/agent/get-osinfo`);
    const file = await lab.admin("GET", `${machine}/agent/file-read`, { params: { file: "/etc/hostname" } });
    await lab.admin("POST", `${machine}/agent/exec`, { params: { command: "uname" } });
    expect([osInfo.data, file.data]).toEqual([{ result: { content: "x" } }, { content: "x" }]);
    expect(asked).toEqual([
      [101, "get-osinfo", {}],
      [101, "file-read", { file: "/etc/hostname" }],
      [101, "exec", { command: ["uname"] }],
    ]);
  });

  test("its error is shown, unless its words do not fit into a status line", async () => {
    const words = ["failed to open file", "Failed to execute child process “x”"];
    await open({ guests: guestsThat({ agent: () => Promise.reject(new AgentError(words.shift())) }) });
    await lab.start(101);
    expect(await ping()).toMatchObject({ status: 500, reason: "Agent error: failed to open file" });
    expect(await ping()).toMatchObject({ status: 596, reason: "Broken pipe", body: undefined });
  });

  test("a fault of the guest's stand-in is shown as a fault, not as an agent's answer", async () => {
    await open({ guests: guestsThat({ agent: () => Promise.reject(new TypeError("bug")) }) });
    await lab.start(101);
    expect((await ping()).reason).toBe("embedded server fault: bug");
    expect(new AgentNotRunning().message).toBe("QEMU guest agent is not running");
  });
});
