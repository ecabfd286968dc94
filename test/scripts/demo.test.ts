import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { cloneRepository } from "./clone-repository.ts";

const timeoutMs = 240_000;

/**
 * A clone in a git repository of its own, with a folder for temporary files that shows what is left. Its site file
 * names a cluster and a backend that do not exist: the demo uses neither.
 */
async function openClone() {
  const root = cloneRepository({ isSetUp: true });
  const siteFile = join(root, "vm-specs/_site.json");
  const site: object = JSON.parse(readFileSync(siteFile, "utf8"));
  const elsewhere = {
    proxmox: { endpoint: "https://pve.invalid:8006" },
    backend: { http: { address: "https://state.invalid" } },
  };
  writeFileSync(siteFile, JSON.stringify({ ...site, ...elsewhere }));
  const temporary = join(root, ".nixherd/tmp");
  mkdirSync(temporary, { recursive: true });
  await execa("git", ["init", "--quiet"], { cwd: root });
  appendFileSync(join(root, ".git/info/exclude"), "node_modules\n.tools\n");
  await execa("git", ["add", "--all"], { cwd: root });
  onTestFinished(async () => {
    for (const { pid } of await processesOf(temporary)) process.kill(pid, "SIGTERM");
  });
  const demo = (...args: readonly string[]) =>
    execa(join(root, "scripts/demo"), args, {
      env: { TMPDIR: temporary },
      stdin: "ignore",
      all: true,
      reject: false,
      detached: true,
      timeout: timeoutMs,
    });
  return { root, temporary, demo };
}

/** Everything that a demo could have left: temporary files, changed or new files, running processes. */
async function leftovers({ root, temporary }: { root: string; temporary: string }) {
  const status = await execa("git", ["diff", "--stat"], { cwd: root });
  const untracked = await execa("git", ["ls-files", "--others", "--exclude-standard"], { cwd: root });
  const running = (await processesOf(temporary)).map(({ args }) => args);
  // Node's own cache, which npm switches on.
  const files = readdirSync(temporary).filter((name) => name !== "node-compile-cache");
  return [...files, status.stdout, untracked.stdout, ...running].filter((line) => line !== "");
}

/** Processes whose command line names the folder. */
async function processesOf(folder: string) {
  const { stdout } = await execa("ps", ["-eo", "pid=,args="]);
  const lines = stdout.split("\n").filter((line) => line.includes(folder));
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), args: line.trim() }));
}

/** Resolves when the stream has brought the words; fails when it ends without them. */
function untilSaid(stream: Readable, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    stream.on("data", (chunk) => {
      said += chunk;
      if (said.includes(words)) resolve();
    });
    stream.on("end", () => reject(new Error(`It ended before it said "${words}".`)));
  });
}

test(
  "deploys, updates one machine in place, has nothing left to do, and leaves nothing behind",
  async () => {
    const clone = await openClone();
    const { exitCode, all } = await clone.demo();
    expect(exitCode, all).toBe(0);
    expect(all).toContain("will be updated in-place");
    const [, first, second, third] = all.split("Inside the machines");
    expect(first).toMatch(/web-1 +host-key \d+ ms, ssh \d+ ms.*\n +db-1 +host-key \d+ ms/);
    expect(second).toMatch(/web-1 +host-key \d+ ms.*\n +db-1 +not run: nothing changed for it/);
    expect(third).toMatch(/web-1 +not run.*\n +db-1 +not run/);
    expect(third).toMatch(/All of it took \d+\.\d s/);
    expect(await leftovers(clone)).toEqual([]);
  },
  timeoutMs,
);

test(
  "that is interrupted in the middle of a deploy leaves nothing behind",
  async () => {
    const clone = await openClone();
    const demo = clone.demo();
    await untilSaid(demo.all, "Creating...");
    process.kill(-(demo.pid ?? Number.NaN), "SIGINT");
    expect((await demo).exitCode).toBe(130);
    expect(await leftovers(clone)).toEqual([]);
  },
  timeoutMs,
);

test(
  "with --keep leaves the cluster running until the command it names ends it",
  async () => {
    const clone = await openClone();
    const { exitCode, stdout, all } = await clone.demo("--keep");
    expect(exitCode, all).toBe(0);
    const [, use = "", end = ""] = /To use it:\n\n([\s\S]*)\n\nTo end it:\n\n {2}(.*)$/.exec(stdout) ?? [];
    const useByItself = `${use} --auto-approve`;
    const used = await execa("bash", ["-ec", useByItself], { env: { TMPDIR: clone.temporary } });
    expect(used.stdout).toMatch(/Apply complete! Resources: 2 added, 0 changed, 0 destroyed/);
    await execa("bash", ["-ec", end], { env: { TMPDIR: clone.temporary } });
    expect(await leftovers(clone)).toEqual([]);
  },
  timeoutMs,
);
