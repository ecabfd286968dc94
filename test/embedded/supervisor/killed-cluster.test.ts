import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Agent, fetch } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callFaults } from "../../../embedded/call-faults.ts";
import { downEmbedded } from "../../../embedded/down-embedded.ts";
import type { EmbeddedEnvironment } from "../../../embedded/embedded-environment.ts";
import { embeddedStatus } from "../../../embedded/embedded-status.ts";
import { upEmbedded } from "../../../embedded/up-embedded.ts";
import { isAlive } from "../../is-alive.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-killed-")));
});
afterEach(async () => {
  await downEmbedded(root);
  rmSync(root, { recursive: true, force: true });
});

const stateFile = (): string => join(root, ".nixherd/embedded/cluster.jsonl");

async function call(
  environment: EmbeddedEnvironment,
  method: string,
  path: string,
  params = {},
): Promise<unknown> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(environment["SSL_CERT_FILE"] ?? "") } });
  const body = Object.keys(params).length === 0 ? {} : { body: new URLSearchParams(params) };
  const response = await fetch(new URL(`api2/json${path}`, environment["PROXMOX_VE_ENDPOINT"]), {
    method,
    dispatcher,
    headers: { authorization: `PVEAPIToken=${environment["PROXMOX_VE_API_TOKEN"]}` },
    ...body,
  });
  const { data } = (await response.json()) as { data: unknown };
  await dispatcher.close();
  return data;
}

async function runTask(environment: EmbeddedEnvironment, path: string, params = {}): Promise<void> {
  const upid = await call(environment, "POST", path, params);
  const status = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`;
  await expect
    .poll(() => call(environment, "GET", status), { timeout: 20_000 })
    .toMatchObject({ exitstatus: "OK" });
}

/** Kills the cluster's process as a crash does, and waits until it is gone. */
async function kill(): Promise<void> {
  const status = embeddedStatus(root);
  if (status.state !== "running") throw new Error(`state is ${status.state}`);
  process.kill(status.pid, "SIGKILL");
  await expect.poll(() => isAlive(status.pid), { timeout: 10_000 }).toBe(false);
}

/** Runs a command in a machine over SSH, once it is up. */
async function inside(address: string, command: string): Promise<string> {
  const config = join(root, ".nixherd/embedded/ssh_config");
  const run = async () =>
    (await execa("ssh", ["-F", config, `root@${address}`, command], { reject: false })).stdout;
  await expect.poll(run, { timeout: 20_000 }).not.toBe("");
  return run();
}

test("a cluster that was killed comes back at its address, with its machines, their insides and its faults", async () => {
  const first = await upEmbedded({ root });
  const vm = "/nodes/pve1/qemu/101";
  await runTask(first.environment, "/nodes/pve1/qemu/9000/clone", { newid: "101", full: "1", name: "web" });
  await call(first.environment, "PUT", `${vm}/config`, { ipconfig0: "ip=10.0.20.11/24", ciuser: "root" });
  await runTask(first.environment, `${vm}/status/start`);
  await inside("10.0.20.11", "echo kept > /var/lib/note; echo written");
  const faults = { seed: 3, rules: [{ fault: "agent-silent", vmid: 101 }] };
  await callFaults(root, "PUT", JSON.stringify(faults));
  await kill();

  const second = await upEmbedded({ root });
  expect(second).toMatchObject({ started: true, resumed: true });
  for (const name of ["PROXMOX_VE_ENDPOINT", "PROXMOX_VE_API_TOKEN"])
    expect(second.environment[name]).toBe(first.environment[name]);
  const status = await call(first.environment, "GET", `${vm}/status/current`);
  expect(status).toMatchObject({ status: "running", name: "web" });
  expect(await inside("10.0.20.11", "cat /var/lib/note")).toBe("kept");
  expect(await callFaults(root, "GET")).toMatchObject(faults);
});

test("a state that cannot be read is refused and stays, until down removes it", async () => {
  await upEmbedded({ root });
  await kill();
  writeFileSync(stateFile(), readFileSync(stateFile(), "utf8").replace('"version":1', '"version":99'));
  await expect(upEmbedded({ root })).rejects.toMatchObject({
    code: "EMBEDDED_STATE_UNREADABLE",
    message: expect.stringContaining(stateFile()),
  });
  expect(existsSync(stateFile())).toBe(true);
  expect(embeddedStatus(root)).toEqual({ state: "stopped" });
  await downEmbedded(root);
  expect((await upEmbedded({ root })).started).toBe(true);
});

test("a port that somebody else has is refused, and a cluster at another port is not taken for the one asked for", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await expect(upEmbedded({ root, port })).rejects.toMatchObject({ code: "EMBEDDED_PORT_TAKEN" });
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
  const { environment } = await upEmbedded({ root, port });
  expect(environment["PROXMOX_VE_ENDPOINT"]).toBe(`https://127.0.0.1:${port}/`);
  await expect(upEmbedded({ root, port: port + 1 })).rejects.toMatchObject({
    code: "EMBEDDED_RUNNING",
    message: expect.stringContaining(`:${port}/`),
  });
});

test("of two ups at once one starts the cluster, and both end with the same environment", async () => {
  const [one, other] = await Promise.all([upEmbedded({ root }), upEmbedded({ root })]);
  expect([one.started, other.started].sort()).toEqual([false, true]);
  expect(one.environment).toEqual(other.environment);
});
