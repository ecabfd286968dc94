import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { processStart } from "../../lib/process-start.ts";
import { watchFiles } from "../../reconcile/watch/watch-files.ts";
import { claimWatcher, runningWatcher } from "../../reconcile/watch/watcher-lock.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A repository in which a watcher left its lock. */
function leftBy(pid: number, start: string | undefined): string {
  const root = temporaryFolder(onTestFinished);
  const { lock } = watchFiles(root);
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, JSON.stringify({ pid, processStart: start, startedAt: "2026-01-01T00:00:00.000Z" }));
  return root;
}

const now = new Date(0);

test("one watcher at a time, and the next one after it", async () => {
  const root = temporaryFolder(onTestFinished);
  const release = await claimWatcher(root, now);
  await expect(claimWatcher(root, now)).rejects.toMatchObject({ code: "WATCHER_RUNNING" });
  expect(await runningWatcher(root)).toMatchObject({ pid: process.pid });
  await release();
  expect(await runningWatcher(root)).toBeUndefined();
  await (await claimWatcher(root, now))();
});

test("a living process with the lock keeps it", async () => {
  const child = spawn("sleep", ["60"]);
  onTestFinished(() => void child.kill());
  const root = leftBy(child.pid ?? 0, await processStart(child.pid ?? 0));
  await expect(claimWatcher(root, now)).rejects.toMatchObject({ code: "WATCHER_RUNNING" });
});

test("the lock of a process that is gone is taken over, also when another one has its id by now", async () => {
  const pid = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
  await (await claimWatcher(leftBy(pid, "1"), now))();
  await (await claimWatcher(leftBy(process.pid, "another start"), now))();
  expect(await processStart(pid)).toBeUndefined();
});

test("whoever was taken over does not remove the lock of the next one", async () => {
  const root = temporaryFolder(onTestFinished);
  const release = await claimWatcher(root, now);
  const { lock } = watchFiles(root);
  writeFileSync(lock, JSON.stringify({ pid: process.ppid, processStart: await processStart(process.ppid) }));
  await release();
  expect(await runningWatcher(root)).toMatchObject({ pid: process.ppid });
});
