import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cleanEnvironment, dataStack, makeProject, type Project } from "../cli/project.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";
import { WatcherProcess } from "./watcher-process.ts";

const watch = { quietMs: 100, longestWaitMs: 1000, retrySeconds: 0.2, driftEverySeconds: 0 };

/** A repository with an app of its own, which knows nothing of the watcher, and no cluster. */
async function makePlainProject(): Promise<Project> {
  const project = await makeProject();
  await project.write("vm-specs/_site.json", JSON.stringify({ watch }));
  return project;
}

const stacks = (value: string): string => JSON.stringify({ demo: dataStack({ one: { input: value } }) });

async function start(root: string, args: readonly string[] = []): Promise<WatcherProcess> {
  const watcher = new WatcherProcess({ root, environment: await cleanEnvironment() }, args);
  onTestFinished(async () => void (await watcher.end()));
  return watcher;
}

/** What the state holds; undefined while it is being written, which Terraform does in place. */
function applied(root: string): unknown {
  const text = readFileSync(join(root, "terraform.demo.tfstate"), "utf8");
  if (!text.trimEnd().endsWith("}")) return undefined;
  const state = JSON.parse(text);
  return state.resources[0]?.instances[0]?.attributes.input.value;
}

test("a hundred edits in a burst, half of them seen half-written, end with the last one applied", async () => {
  const project = await makePlainProject();
  await project.write("stacks.json", stacks("0"));
  const watcher = await start(project.root);
  await watcher.untilStack("demo", ({ type }) => type === "Ready");
  const file = join(project.root, "stacks.json");
  for (let edit = 1; edit <= 100; edit++) {
    const text = stacks(String(edit));
    if (edit % 2 === 0) {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    } else {
      writeFileSync(file, text.slice(0, 20));
      // Long enough that somebody may look.
      await new Promise((resolve) => setTimeout(resolve, 5));
      appendFileSync(file, text.slice(20));
    }
  }
  await until(() => (applied(project.root) === "100" ? true : undefined), { what: () => "the last edit" });
  const ready = await watcher.untilStack("demo", ({ type }) => type === "Ready");
  expect(ready.reason).toBe("Applied");
  const runs = watcher.events().filter(({ event }) => event === "plan");
  expect(runs.length).toBeLessThan(20);
});

test("an app that fails stalls what it made before, and is asked again after the next change", async () => {
  const project = await makePlainProject();
  await project.write("stacks.json", stacks("good"));
  const watcher = await start(project.root);
  await watcher.untilStack("demo", ({ type }) => type === "Ready");
  await project.write("stacks.json", "{ no json");
  const stalled = await watcher.untilStack("demo", ({ type }) => type === "Stalled");
  expect(stalled.reason).toBe("SYNTH_FAILED");
  await project.write("stacks.json", stacks("better"));
  await watcher.untilStack("demo", ({ type }) => type === "Ready");
  expect(applied(project.root)).toBe("better");
});

const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=ops", "-c", "user.email=ops@example.org", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();

test("a commit of the followed branch is applied, and the revision is told", async () => {
  const project = await makePlainProject();
  await project.write("stacks.json", stacks("first"));
  await project.write(".gitignore", ".nixherd/\ncdktf.out/\n*.tfstate*\n");
  git(project.root, "init", "-q", "-b", "main");
  git(project.root, "add", ".");
  git(project.root, "commit", "-q", "-m", "first");
  const clone = join(temporaryFolder(onTestFinished), "clone");
  git(project.root, "clone", "-q", project.root, clone);
  const watcher = await start(clone, ["--git", "origin/main", "--interval", "1"]);
  const first = await watcher.untilStack("demo", ({ type }) => type === "Ready");
  expect(first.revision).toBe(git(project.root, "rev-parse", "HEAD"));

  await project.write("stacks.json", stacks("second"));
  git(project.root, "commit", "-q", "-a", "-m", "second");
  const commit = git(project.root, "rev-parse", "HEAD");
  await watcher.untilStack("demo", ({ type, revision }) => type === "Ready" && revision === commit);
  expect(applied(clone)).toBe("second");
  expect((await watcher.status())?.git).toMatchObject({ type: "Ready", revision: commit });
});

test("status --watch shows every change from another process, until it is interrupted", async () => {
  const project = await makePlainProject();
  await project.write("stacks.json", stacks("first"));
  const watcher = await start(project.root);
  await watcher.untilStack("demo", ({ type }) => type === "Ready");
  const shown = project.start(["status", "--watch", "--json"]);
  let text = "";
  shown.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await until(() => (text.includes('"reason":"Applied"') ? true : undefined));
  await project.write("stacks.json", "{ no json");
  await until(() => (text.includes('"reason":"SYNTH_FAILED"') ? true : undefined), { what: () => text });
  shown.kill("SIGINT");
  expect((await shown).exitCode).toBe(0);
});

test("signatures are not asked for in vain: without a branch there is nothing signed", async () => {
  const project = await makePlainProject();
  const refused = await project.run(["watch", "--signed-by", "keys/allowed_signers"]);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("error USAGE: --signed-by says which commits of a branch may be taken");
});

test("where no watcher ever ran, the status says so", async () => {
  const project = await makePlainProject();
  const { stdout, stderr } = await project.run(["status"]);
  expect(`${stdout}${stderr}`).toContain("No watcher has run in this repository");
});

test("only what exists can be suspended, and only what is suspended resumed", async () => {
  const project = await makePlainProject();
  await project.write("vm-specs/demo/_defaults.json", "{}");
  const refused = await project.run(["suspend", "dmo"]);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("error USAGE: There is no stack dmo");
  expect((await project.run(["resume", "demo"])).stderr).toContain("Stack demo was not suspended.");
  expect((await project.run(["suspend", "demo"])).exitCode).toBe(0);
  expect((await project.run(["resume", "demo"])).stderr).toContain("Stack demo is resumed.");
});
