import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { apply } from "../../terraform/apply.ts";
import { init } from "../../terraform/init.ts";
import { plan } from "../../terraform/plan.ts";
import { readProgramRecords } from "../../terraform/program-record.ts";
import type { TerraformFolder } from "../../terraform/run-terraform.ts";
import { localExec, makeStack, terraformData } from "./stack-folder.ts";
import { type StateServer, startStateServer } from "./state-server.ts";

interface SharedStack {
  readonly folder: TerraformFolder;
  readonly notes: readonly string[];
  readonly server: StateServer;
}

function backendOf({ address }: StateServer) {
  const url = `${address}/state`;
  const locking = { lock_method: "LOCK", unlock_method: "UNLOCK", lock_address: url, unlock_address: url };
  return { http: { address: url, ...locking } };
}

function lockOf({ locks }: StateServer): { readonly ID: string; readonly Who: string } | undefined {
  const lock = locks.get("state");
  return lock === undefined ? undefined : JSON.parse(lock);
}

/** A stack whose state is on a server, and whose apply takes until it is killed. */
async function sharedStack(): Promise<SharedStack> {
  const server = await startStateServer();
  onTestFinished(() => server.close());
  const notes: string[] = [];
  const configuration = {
    terraform: { backend: backendOf(server) },
    ...terraformData({ one: localExec("exec tail -f /dev/null") }),
  };
  const folder = { ...(await makeStack(configuration)), note: (text: string) => notes.push(text) };
  await init(folder, {});
  return { folder, notes, server };
}

function makePlan(folder: TerraformFolder): Promise<boolean> {
  const outFile = join(folder.path, "saved.tfplan");
  return plan(folder, { outFile, lockTimeoutSeconds: 0 }, () => undefined);
}

/** Applies in the background until the lock is held. */
async function applyUntilLocked({ folder, server }: SharedStack) {
  await makePlan(folder);
  const planFile = join(folder.path, "saved.tfplan");
  const ended = apply(folder, { planFile }, () => undefined).catch((error: unknown) => error);
  await expect.poll(() => lockOf(server), { timeout: 20_000 }).toBeDefined();
  await expect.poll(() => readProgramRecords(folder.path), { timeout: 20_000 }).toHaveLength(1);
  const [record] = await readProgramRecords(folder.path);
  if (record === undefined) throw new Error("an apply that runs has no record");
  // With what it runs: the whole group, as a computer that stops does.
  const kill = () => {
    spawnSync("pkill", ["-KILL", "-P", String(record.pid)]);
    process.kill(record.pid, "SIGKILL");
    return ended;
  };
  return { pid: record.pid, kill };
}

test("a lock whose owner was killed is released by the next command, which says whose it was", async () => {
  const stack = await sharedStack();
  const { kill } = await applyUntilLocked(stack);
  expect(await kill()).toMatchObject({ code: "TERRAFORM_FAILED" });
  expect(lockOf(stack.server)).toBeDefined();
  expect(await makePlan(stack.folder)).toBe(true);
  expect(lockOf(stack.server)).toBeUndefined();
  const who = `${userInfo().username}@${hostname()}`;
  expect(stack.notes).toEqual([expect.stringContaining(`the apply by ${who}, since `)]);
  expect(await readProgramRecords(stack.folder.path)).toEqual([]);
});

test("a program that has ended holds no lock, though its parent has not taken notice yet", async () => {
  const stack = await sharedStack();
  const { kill } = await applyUntilLocked(stack);
  await kill();
  await leaveZombie("tofu");
  expect(await makePlan(stack.folder)).toBe(true);
});

/** Starts a program that ends at once, below one that never asks how its children ended. */
async function leaveZombie(name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "nixherd-zombie-"));
  await symlink("/bin/true", join(folder, name));
  const parent = spawn("sh", ["-c", `${join(folder, name)} & exec tail -f /dev/null`], { stdio: "ignore" });
  onTestFinished(async () => {
    parent.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });
  const states = () => spawnSync("ps", ["-o", "stat=,comm=", "--ppid", String(parent.pid)]).stdout.toString();
  await expect.poll(states, { timeout: 20_000 }).toMatch(new RegExp(`^Z.* ${name}`));
}

test("a lock whose owner still runs is left alone, and the error names its process", async () => {
  const stack = await sharedStack();
  const { pid, kill } = await applyUntilLocked(stack);
  await expect(makePlan(stack.folder)).rejects.toMatchObject({
    code: "STATE_LOCKED",
    message: expect.stringContaining(`Process ${pid}`),
    hint: expect.stringContaining(`kill -INT ${pid}`),
  });
  expect(lockOf(stack.server)).toBeDefined();
  await kill();
});

test.each([
  ["another computer", { Who: "ops@elsewhere" }],
  ["a program that was not started from this folder", { Created: "2020-01-01T00:00:00Z" }],
])("a lock of %s is left alone, even after a killed run", async (_, other) => {
  const stack = await sharedStack();
  const { kill } = await applyUntilLocked(stack);
  await kill();
  const held = { ...lockOf(stack.server), ...other };
  stack.server.locks.set("state", JSON.stringify(held));
  await expect(makePlan(stack.folder)).rejects.toMatchObject({ code: "STATE_LOCKED" });
  expect(lockOf(stack.server)).toEqual(held);
});

test("a lock that a program in another folder of the same backend may hold is left alone", async () => {
  const stack = await sharedStack();
  const { kill } = await applyUntilLocked(stack);
  await kill();
  const lock = lockOf(stack.server);
  const clone = await makeStack({
    terraform: { backend: backendOf(stack.server) },
    ...terraformData({ one: {} }),
  });
  await init(clone, {});
  // It waits for the lock and so stays alive.
  const waiting = plan(clone, { outFile: join(clone.path, "p"), lockTimeoutSeconds: 30 }, () => undefined);
  await expect.poll(() => readProgramRecords(clone.path), { timeout: 20_000 }).toHaveLength(1);
  await expect(makePlan(stack.folder)).rejects.toMatchObject({ code: "STATE_LOCKED" });
  expect(lockOf(stack.server)).toEqual(lock);
  const [record] = await readProgramRecords(clone.path);
  if (record !== undefined) process.kill(record.pid, "SIGKILL");
  await expect(waiting).rejects.toMatchObject({ code: "TERRAFORM_FAILED" });
});
