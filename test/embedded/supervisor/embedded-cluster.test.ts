import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Agent, fetch } from "undici";
import { afterEach, beforeEach, expect, test } from "vitest";
import { downEmbedded } from "../../../embedded/down-embedded.ts";
import type { EmbeddedEnvironment } from "../../../embedded/embedded-environment.ts";
import { embeddedEnv, embeddedStatus } from "../../../embedded/embedded-status.ts";
import { upEmbedded } from "../../../embedded/up-embedded.ts";
import { isAlive } from "../../is-alive.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-up-")));
});
afterEach(async () => {
  await downEmbedded(root);
  rmSync(root, { recursive: true, force: true });
});

const folder = (): string => join(root, ".nixherd/embedded");
const socketOf = (environment: EmbeddedEnvironment): string =>
  JSON.parse(environment["TF_REATTACH_PROVIDERS"] ?? "{}")["bpg/proxmox"].Addr.String;

async function version(environment: EmbeddedEnvironment): Promise<unknown> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(environment["SSL_CERT_FILE"] ?? "") } });
  const headers = { authorization: `PVEAPIToken=${environment["PROXMOX_VE_API_TOKEN"]}` };
  const response = await fetch(new URL("api2/json/version", environment["PROXMOX_VE_ENDPOINT"]), {
    dispatcher,
    headers,
  });
  return response.json();
}

async function isGone(pid: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("up leaves a cluster running that answers to the environment it gives, and down removes it all", async () => {
  const up = await upEmbedded({ root });
  expect(up.started).toBe(true);
  expect(await version(up.environment)).toMatchObject({ data: { release: expect.any(String) } });
  expect(existsSync(socketOf(up.environment))).toBe(true);
  const status = embeddedStatus(root);
  expect(status).toMatchObject({ state: "running", endpoint: up.environment["PROXMOX_VE_ENDPOINT"] });
  const { stdout } = await execa("ssh", ["-G", "-F", join(folder(), "ssh_config"), "10.0.20.11"]);
  expect(stdout).toContain("hostname 127.0.0.1\nport 1\n");

  expect(await downEmbedded(root)).toBe(true);
  expect(embeddedStatus(root)).toEqual({ state: "stopped" });
  expect(existsSync(folder())).toBe(false);
  expect(existsSync(socketOf(up.environment))).toBe(false);
  // Gone, or a process that has ended and that nobody has asked for its exit code yet.
  if (status.state === "running") await isGone(status.pid);
  expect(await downEmbedded(root)).toBe(false);
});

test("the environment is the same from up, from env and from the file, as a shell reads it", async () => {
  const { environment } = await upEmbedded({ root });
  const fromShell = async (script: string): Promise<unknown> => {
    const names = Object.keys(environment);
    const print = `${script}\nprintf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}`;
    const { stdout } = await execa("sh", ["-c", print], { env: { ENV_LINES: embeddedEnv(root) } });
    return Object.fromEntries(
      stdout
        .split("\0")
        .slice(0, -1)
        .map((value, index) => [names[index], value]),
    );
  };
  expect(await fromShell('eval "$ENV_LINES"')).toEqual(environment);
  expect(await fromShell(`. '${folder()}/env'`)).toEqual(environment);
});

test("files that hold a secret are readable by their owner only", async () => {
  await upEmbedded({ root });
  const modes = ["env", "process.json", "id_ed25519"].map(
    (name) => statSync(join(folder(), name)).mode & 0o777,
  );
  expect(modes).toEqual([0o600, 0o600, 0o600]);
  expect(readFileSync(join(root, ".nixherd/embedded.log"), "utf8")).not.toContain("embedded=");
});

test("a second up finds the first one's cluster and leaves it as it is", async () => {
  const first = await upEmbedded({ root });
  const second = await upEmbedded({ root });
  expect(second).toMatchObject({ started: false, environment: first.environment });
});

test("two clusters of two repositories run beside each other", async () => {
  const other = realpathSync(mkdtempSync(join(tmpdir(), "nixherd-up-")));
  try {
    const clusters = await Promise.all([upEmbedded({ root }), upEmbedded({ root: other })]);
    const endpoints = clusters.map(({ environment }) => environment["PROXMOX_VE_ENDPOINT"]);
    expect(new Set(endpoints).size).toBe(2);
    await downEmbedded(root);
    expect(embeddedStatus(other).state).toBe("running");
  } finally {
    await downEmbedded(other);
    rmSync(other, { recursive: true, force: true });
  }
});

test("a cluster in the foreground ends with a signal to its process, and says so", async () => {
  const up = await upEmbedded({ root, foreground: true });
  const status = embeddedStatus(root);
  if (status.state !== "running") throw new Error(`state is ${status.state}`);
  process.kill(status.pid, "SIGINT");
  expect(await up.ended).toBe(0);
  expect(existsSync(folder())).toBe(false);
});

test("a cluster whose process was killed leaves no provider behind, and a new one takes its place", async () => {
  const first = await upEmbedded({ root });
  const status = embeddedStatus(root);
  if (status.state !== "running") throw new Error(`state is ${status.state}`);
  const provider: number = JSON.parse(first.environment["TF_REATTACH_PROVIDERS"] ?? "{}")["bpg/proxmox"].Pid;
  process.kill(status.pid, "SIGKILL");
  await isGone(status.pid);
  await isGone(provider);
  expect(embeddedStatus(root)).toEqual({ state: "stopped" });
  const second = await upEmbedded({ root });
  expect(second.started).toBe(true);
  expect(second.environment).not.toEqual(first.environment);
});

test("a process that only has the recorded id is neither taken for the cluster nor ended", async () => {
  const bystander = execa("sleep", ["3600"], { reject: false });
  mkdirSync(folder(), { recursive: true });
  const record = {
    pid: bystander.pid,
    startToken: "a-token-of-another-process",
    startedAt: "2026-01-01T00:00:00Z",
    environment: {},
  };
  writeFileSync(join(folder(), "process.json"), JSON.stringify(record));
  expect(embeddedStatus(root)).toEqual({ state: "stopped" });
  expect(await downEmbedded(root)).toBe(false);
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
  bystander.kill();
  await bystander;
});

test("env without a cluster says how to start one", () => {
  expect(() => embeddedEnv(root)).toThrow(expect.objectContaining({ code: "EMBEDDED_NOT_RUNNING" }));
});

test("a cluster that cannot start says so, with the reason, and leaves nothing behind", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = root;
  try {
    await expect(upEmbedded({ root })).rejects.toMatchObject({
      code: "EMBEDDED_FAILED",
      message: expect.stringContaining("ssh-keygen"),
    });
  } finally {
    process.env["PATH"] = path;
  }
  expect(embeddedStatus(root)).toEqual({ state: "stopped" });
  expect(readdirSync(join(root, ".nixherd"))).toEqual(["embedded.log"]);
});

test("a cluster that is not ready in time is ended, and does not stand in the next one's way", async () => {
  await expect(upEmbedded({ root, timeoutMs: 1 })).rejects.toMatchObject({ code: "EMBEDDED_FAILED" });
  expect((await upEmbedded({ root })).started).toBe(true);
});
