import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { cloneRepository } from "./clone-repository.ts";

/** Deadline of one demo. */
export const demoTimeoutMs = 240_000;

/**
 * A clone in a git repository of its own, with a folder for temporary files that shows what is left. Its site file
 * names a cluster and a backend that do not exist: the demo uses neither.
 */
export async function openClone() {
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
      timeout: demoTimeoutMs,
    });
  return { root, temporary, demo };
}

/** Everything that a demo could have left: temporary files, changed or new files, running processes. */
export async function leftovers({ root, temporary }: { root: string; temporary: string }) {
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
