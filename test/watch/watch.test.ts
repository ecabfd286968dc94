import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callApi } from "../e2e/call-api.ts";
import { machine, site } from "../e2e/machine-specs.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "../e2e/test-repository.ts";
import { until } from "./until.ts";
import { WatcherProcess } from "./watcher-process.ts";

const nixherd = resolve("cli/nixherd.js");
let repository: TestRepository;
let watcher: WatcherProcess;

const plain = (vmId: number, more: object = {}) => machine(vmId, { nixos: false, ...more });
const run = (...args: string[]) => repository.run("node", [nixherd, ...args]);
const settings = { quietMs: 100, longestWaitMs: 120_000, retrySeconds: 0.2, driftEverySeconds: 0 };

/** Descriptions of the machines that the cluster has, by VMID. */
async function machines(): Promise<Record<number, string>> {
  const listed = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
  const own = listed.map(({ vmid }) => vmid).filter((vmId) => vmId < 9000);
  const read = own.map(async (vmId) => {
    const { description = "" } = (await callApi(repository, "GET", `nodes/pve1/qemu/${vmId}/config`)) as {
      description?: string;
    };
    return [vmId, description.trim().replace(/^Made by nixherd .*/, "")] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** Waits until the cluster's machines have these descriptions; those that the specs do not give are the program's own. */
async function untilMachines(wanted: Readonly<Record<number, string>>): Promise<void> {
  let last = {};
  const isAsWanted = async () => {
    last = await machines();
    return JSON.stringify(last) === JSON.stringify(wanted) ? true : undefined;
  };
  await until(isAsWanted, { what: () => `${JSON.stringify(wanted)} instead of ${JSON.stringify(last)}` });
}

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, {
    _site: { ...site, watch: settings },
    "alpha/web-1": plain(101),
    "beta/db-1": plain(151),
  });
  watcher = new WatcherProcess(repository);
});

afterAll(async () => {
  await watcher?.end();
  await repository?.close();
});

test("the watcher makes what there is, and says so to other processes", async () => {
  const alpha = await watcher.untilStack("alpha", ({ type }) => type === "Ready");
  await watcher.untilStack("beta", ({ type }) => type === "Ready");
  expect(Object.keys(await machines())).toEqual(["101", "151"]);
  expect(alpha.machines).toEqual([expect.objectContaining({ vmId: 101, name: "web-1", type: "Ready" })]);
  const status = await run("status");
  expect(status.stdout).toMatch(/^alpha +Ready +Applied/m);
  expect(status.stdout).toContain(`watcher ${watcher.pid}, since`);
});

/** Saves a spec, and leaves git's index alone, which concerns every stack. */
const save = (file: string, content: string | object): void =>
  writeFileSync(
    join(repository.root, file),
    typeof content === "string" ? content : JSON.stringify(content, null, 2),
  );

test("files that are saved as they were start nothing", async () => {
  const told = (name: string) => watcher.events().filter(({ event }) => event === name).length;
  const before = told("watching");
  save("vm-specs/alpha/web-1.json", plain(101, { description: "not for long" }));
  save("vm-specs/alpha/web-1.json", plain(101));
  await until(() => (told("unchanged") > 0 ? true : undefined));
  expect({ watching: told("watching"), plans: told("plan") }).toEqual({ watching: before, plans: 2 });
});

test("a stack whose files go on changing holds no other one back", async () => {
  let count = 0;
  const writing = setInterval(() => {
    count += 1;
    save("vm-specs/alpha/web-1.json", count % 2 === 0 ? "{ " : plain(101, { description: `${count}` }));
  }, 20);
  try {
    save("vm-specs/beta/db-1.json", plain(151, { description: "not held back" }));
    await until(async () => ((await machines())[151] === "not held back" ? true : undefined));
  } finally {
    clearInterval(writing);
  }
  save("vm-specs/alpha/web-1.json", plain(101, { description: "written in the end" }));
  await untilMachines({ 101: "written in the end", 151: "not held back" });
  save("vm-specs/alpha/web-1.json", plain(101, { description: "" }));
  save("vm-specs/beta/db-1.json", plain(151, { description: "" }));
  await untilMachines({ 101: "", 151: "" });
  for (const stack of ["alpha", "beta"]) await watcher.untilStack(stack, ({ type }) => type === "Ready");
});

test("a second watcher of the repository is refused", async () => {
  const second = await run("watch");
  expect(second.exitCode, second.all).toBe(1);
  expect(second.all).toContain(
    `error WATCHER_RUNNING: Another watcher runs for this repository (process ${watcher.pid}`,
  );
});

test("a bad file stalls its own stack, and the other one goes on", async () => {
  repository.write("vm-specs/alpha/web-2.json", '{ "vmId": 102, ');
  repository.write("vm-specs/beta/db-1.json", plain(151, { description: "beta goes on" }));
  const alpha = await watcher.untilStack("alpha", ({ type }) => type === "Stalled");
  expect(alpha.reason).toBe("INVALID_INPUT");
  expect(alpha.message).toContain("vm-specs/alpha/web-2.json");
  await untilMachines({ 101: "", 151: "beta goes on" });

  repository.write("vm-specs/alpha/web-2.json", plain(102));
  await watcher.untilStack("alpha", ({ type }) => type === "Ready");
  expect(Object.keys(await machines())).toEqual(["101", "102", "151"]);
});

test("only the machine that changed is planned", async () => {
  repository.write("vm-specs/alpha/web-2.json", plain(102, { description: "alone" }));
  await untilMachines({ 101: "", 102: "alone", 151: "beta goes on" });
  await watcher.untilStack("alpha", ({ type }) => type === "Ready");
  const journal = readFileSync(join(repository.root, ".nixherd/journal.jsonl"), "utf8").trim().split("\n");
  const { id, command } = JSON.parse(journal.at(-1) ?? "{}");
  expect(command).toEqual(["watch", "alpha"]);
  const record = readFileSync(join(repository.root, `.nixherd/runs/${id}.jsonl`), "utf8")
    .trim()
    .split("\n");
  const plans = record.map((line) => JSON.parse(line)).filter(({ event }) => event === "plan");
  expect(plans[0].plan.machines).toEqual([expect.objectContaining({ vmId: 102, action: "update" })]);
});

test("a deleted file destroys nothing before somebody approves, and the watcher learns of the approval", async () => {
  repository.remove("vm-specs/alpha/web-2.json");
  const held = await watcher.untilStack("alpha", ({ type }) => type === "Stalled");
  expect(held.reason).toBe("PLAN_HELD");
  expect(Object.keys(await machines())).toContain("102");
  const [file = ""] = readdirSync(join(repository.root, ".nixherd/held"));
  const { id } = JSON.parse(readFileSync(join(repository.root, ".nixherd/held", file), "utf8"));
  const approved = await run("approve", id, "--yes");
  expect(approved.exitCode, approved.all).toBe(0);
  await watcher.untilStack("alpha", ({ type }) => type === "Ready");
  expect(Object.keys(await machines())).toEqual(["101", "151"]);
});

test("a suspended stack keeps its changes until it is resumed", async () => {
  expect((await run("suspend", "alpha")).exitCode).toBe(0);
  await watcher.untilStack("alpha", ({ isSuspended }) => isSuspended);
  repository.write("vm-specs/alpha/web-1.json", plain(101, { description: "later" }));
  await watcher.untilStack("alpha", ({ reason }) => reason === "ChangeSeen");
  repository.write("vm-specs/beta/db-1.json", plain(151, { description: "sooner" }));
  await untilMachines({ 101: "", 151: "sooner" });
  expect((await run("resume", "alpha")).exitCode).toBe(0);
  await untilMachines({ 101: "later", 151: "sooner" });
  await watcher.untilStack("alpha", ({ type }) => type === "Ready");
});

test("a signal ends it with 0, and what it left is no hindrance to the next one", async () => {
  expect(await watcher.end("SIGTERM")).toBe(0);
  repository.write("vm-specs/beta/db-1.json", plain(151, { description: "while nobody watched" }));
  const killed = new WatcherProcess(repository);
  await killed.untilStack("beta", ({ type }) => type === "Ready");
  await killed.end("SIGKILL");
  watcher = new WatcherProcess(repository);
  await watcher.untilStack("beta", ({ type }) => type === "Ready");
  expect(await machines()).toEqual({ 101: "later", 151: "while nobody watched" });
});
