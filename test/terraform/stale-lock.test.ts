import { spawnSync } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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

/** A stack whose state is on a server, and whose apply takes until it is killed. */
async function sharedStack(): Promise<SharedStack> {
  const server = await startStateServer();
  const notes: string[] = [];
  const configuration = {
    terraform: { backend: server.backend },
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
  await expect.poll(() => server.lock(), { timeout: 20_000 }).toBeDefined();
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
  expect(stack.server.lock()).toBeDefined();
  expect(await makePlan(stack.folder)).toBe(true);
  expect(stack.server.lock()).toBeUndefined();
  const who = `${userInfo().username}@${hostname()}`;
  expect(stack.notes).toEqual([expect.stringContaining(`the apply by ${who}, since `)]);
  expect(await readProgramRecords(stack.folder.path)).toEqual([]);
});

test("a lock whose owner still runs is left alone, and the error names its process", async () => {
  const stack = await sharedStack();
  const { pid, kill } = await applyUntilLocked(stack);
  await expect(makePlan(stack.folder)).rejects.toMatchObject({
    code: "STATE_LOCKED",
    message: expect.stringContaining(`Process ${pid}`),
    hint: expect.stringContaining(`kill -INT ${pid}`),
  });
  expect(stack.server.lock()).toBeDefined();
  await kill();
});

test.each([
  ["another computer", { Who: "ops@elsewhere" }],
  ["a program that was not started from this folder", { Created: "2020-01-01T00:00:00Z" }],
])("a lock of %s is left alone, even after a killed run", async (_, other) => {
  const stack = await sharedStack();
  const { kill } = await applyUntilLocked(stack);
  await kill();
  const held = { ...stack.server.lock(), ...other };
  stack.server.hold(held);
  await expect(makePlan(stack.folder)).rejects.toMatchObject({ code: "STATE_LOCKED" });
  expect(stack.server.lock()).toEqual(held);
});

test("a lock that a program in another folder of the same backend may hold is left alone", async () => {
  const stack = await sharedStack();
  const { kill } = await applyUntilLocked(stack);
  await kill();
  const lock = stack.server.lock();
  const clone = await makeStack({
    terraform: { backend: stack.server.backend },
    ...terraformData({ one: {} }),
  });
  await init(clone, {});
  // It waits for the lock and so stays alive.
  const waiting = plan(clone, { outFile: join(clone.path, "p"), lockTimeoutSeconds: 30 }, () => undefined);
  await expect.poll(() => readProgramRecords(clone.path), { timeout: 20_000 }).toHaveLength(1);
  await expect(makePlan(stack.folder)).rejects.toMatchObject({ code: "STATE_LOCKED" });
  expect(stack.server.lock()).toEqual(lock);
  const [record] = await readProgramRecords(clone.path);
  if (record !== undefined) process.kill(record.pid, "SIGKILL");
  await expect(waiting).rejects.toMatchObject({ code: "TERRAFORM_FAILED" });
});
