import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { eventsOf, makeProject, type Project } from "./project.ts";
import { machine, makeSpecs } from "./specs-project.ts";

const repositoryRoot = join(import.meta.dirname, "..", "..");

/** Starts the project's embedded cluster, stopped after the test, and gives the environment that it prints. */
async function startCluster(project: Project): Promise<Record<string, string>> {
  onTestFinished(async () => void (await project.run(["embedded", "down"])));
  const { exitCode, stdout } = await project.run(["embedded", "up"]);
  expect(exitCode).toBe(0);
  return Object.fromEntries(
    [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  );
}

test("The embedded cluster starts, tells its environment, is found running, and stops without a trace.", async () => {
  const project = await makeProject();
  expect(await project.run(["embedded", "status"])).toMatchObject({
    exitCode: 0,
    stdout: "No embedded cluster is running.",
  });
  expect(await project.run(["embedded", "env"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error EMBEDDED_NOT_RUNNING: /),
  });

  const env = await startCluster(project);
  expect(env["PROXMOX_VE_ENDPOINT"]).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
  const status = await project.run(["embedded", "status", "--json"]);
  expect(JSON.parse(status.stdout)).toMatchObject({ state: "running", endpoint: env["PROXMOX_VE_ENDPOINT"] });
  const again = await project.run(["embedded", "up"]);
  expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("runs already") });
  expect((await project.run(["embedded", "env"])).stdout).toBe(again.stdout);

  expect(await project.run(["embedded", "down"])).toMatchObject({
    exitCode: 0,
    stdout: "The embedded cluster was stopped.",
  });
  expect(existsSync(join(project.root, ".nixherd/embedded"))).toBe(false);
  expect(await project.run(["embedded", "down"])).toMatchObject({
    exitCode: 0,
    stdout: "No embedded cluster was running.",
  });
});

test("In the foreground it stays until it is interrupted.", async () => {
  const project = await makeProject();
  onTestFinished(async () => void (await project.run(["embedded", "down"])));
  const child = project.start(["embedded", "up", "--foreground"]);
  let stdout = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  await vi.waitUntil(() => stdout.includes("export PROXMOX_VE_ENDPOINT"), { timeout: 50_000 });
  child.kill("SIGTERM");
  expect((await child).exitCode).toBe(130);
  expect((await project.run(["embedded", "status"])).stdout).toBe("No embedded cluster is running.");
});

test("A machine lives its whole life: new, plan, apply, nothing to do, output, a foreign VMID refused, destroy.", async () => {
  const networks = [{ bridge: "vmbr0", ipv4: { address: "10.0.20.2/29", gateway: "10.0.20.1" } }];
  const project = await makeSpecs({ "demo/web-1.json": machine(101, 2, { networks }) });
  await project.write(
    "cdktf.json",
    JSON.stringify({ app: `node '${join(repositoryRoot, "stacks/main.ts")}'` }),
  );
  const env = await startCluster(project);
  const run = (...args: string[]) => project.run(args, env);

  expect(await run("new", "demo/web-2")).toMatchObject({ exitCode: 0, stderr: "" });
  const planned = await run("plan", "--json");
  expect(planned.exitCode).toBe(3);
  expect(eventsOf(planned).at(-1)).toMatchObject({
    plan: { machines: [100, 101].map((vmId) => ({ vmId, action: "create", nixos: "none" })) },
  });
  const applied = await run("apply", "--yes");
  expect(applied.exitCode).toBe(0);
  expect(applied.stdout).toMatch(/demo {2}web-1 \(101\) {2}made after/);
  expect(await run("plan")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("demo: no changes"),
  });
  expect((await run("output")).stdout).toMatch(
    /^ {2}101 +web-1 +pve1 +10\.0\.20\.2 +ssh root@10\.0\.20\.2$/m,
  );

  const state = await project.read("terraform.demo.tfstate");
  await rm(join(project.root, "terraform.demo.tfstate"));
  const refused = await run("apply", "--yes");
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(
    "error VMID_TAKEN: demo: VMID 100, wanted for web-2, is taken by machine web-2 on node pve1.",
  );
  await project.write("terraform.demo.tfstate", state);
  const destroyed = await run("destroy", "demo", "--yes");
  expect(destroyed).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/web-2 \(100\) {2}destroyed/),
  });
});
