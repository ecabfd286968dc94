import { join, resolve } from "node:path";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listHeldPlans } from "../../reconcile/held-plans.ts";
import { callApi } from "../e2e/call-api.ts";
import { machine, site } from "../e2e/machine-specs.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "../e2e/test-repository.ts";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";
import { WatcherProcess } from "./watcher-process.ts";

let repository: TestRepository;
let watcher: WatcherProcess;
let metricsPort: number;

const plain = (vmId: number, more: object = {}) => machine(vmId, { nixos: false, ...more });
const hook = (text: string) =>
  repository.write("scripts/hooks/post-apply.sh", `#!/usr/bin/env bash\n${text}\n`);

async function description(vmId: number): Promise<string> {
  const config = await callApi(repository, "GET", `nodes/pve1/qemu/${vmId}/config`);
  return String((config as { description?: string }).description ?? "").trim();
}

function writeSite(drift: "report" | "mend"): void {
  const watch = {
    quietMs: 100,
    retrySeconds: 0.2,
    longestRetrySeconds: 1,
    driftEverySeconds: 2,
    drift,
    metricsPort,
  };
  repository.write("vm-specs/_site.json", { ...site, watch });
}

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  metricsPort = await freePort();
  repository = await createTestRepository(binary, {
    "alpha/web-1": plain(101, { description: "as it should be" }),
  });
  writeSite("report");
  watcher = new WatcherProcess(repository);
  await watcher.untilStack("alpha", ({ type }) => type === "Ready");
});

afterAll(async () => {
  await watcher?.end();
  await repository?.close();
});

test("what was changed outside is reported, and mended once the site says so", async () => {
  await callApi(repository, "PUT", "nodes/pve1/qemu/101/config", { description: "by hand" });
  const drifted = await watcher.untilStack("alpha", ({ reason }) => reason === "Drifted");
  expect(drifted.message).toContain("web-1 (101)");
  expect(await description(101)).toBe("by hand");
  writeSite("mend");
  await watcher.untilStack("alpha", ({ type }) => type === "Ready");
  expect(await description(101)).toBe("as it should be");
});

test("metrics, health and readiness are served on loopback", async () => {
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${metricsPort}${path}`)).text();
  expect(await get("/healthz")).toBe("ok\n");
  expect(await get("/readyz")).toBe("ok\n");
  const metrics = await get("/metrics");
  expect(metrics).toMatch(/^nixherd_watch_stack_condition\{stack="alpha",type="\w+"\} 1$/m);
  expect(metrics).toMatch(
    /^nixherd_watch_run_seconds_count\{stack="alpha",kind="change",outcome="done"\} [1-9]/m,
  );
  expect((await fetch(`http://127.0.0.1:${metricsPort}/other`)).status).toBe(404);
});

test("a failure that may go away is tried again until it has gone", async () => {
  hook("exit 1");
  repository.write("vm-specs/gamma/app-1.json", machine(161));
  const failed = await watcher.untilStack("gamma", ({ reason }) => reason === "HOOK_FAILED");
  expect(failed.type).toBe("Reconciling");
  hook("exit 0");
  const ready = await watcher.untilStack("gamma", ({ type }) => type === "Ready");
  expect(ready.machines).toEqual([expect.objectContaining({ vmId: 161, type: "Ready" })]);
});

test("a signal in the middle of an apply lets it end cleanly, and the next watcher goes on", async () => {
  hook("exec sleep 50");
  repository.write("vm-specs/gamma/app-2.json", machine(162));
  await until(() =>
    watcher.events().some(({ event, vmId, part }) => event === "machine" && vmId === 162 && part === "nixos")
      ? true
      : undefined,
  );
  expect(await watcher.end("SIGINT")).toBe(0);
  hook("exit 0");
  watcher = new WatcherProcess(repository);
  const ready = await watcher.untilStack("gamma", ({ type }) => type === "Ready");
  expect(ready.machines.map(({ vmId, type }) => [vmId, type])).toEqual([
    [161, "Ready"],
    [162, "Ready"],
  ]);
});

test("a stack whose folder vanished is held, not destroyed, and is known to status", async () => {
  repository.remove("vm-specs/alpha");
  const held = await watcher.untilStack("alpha", ({ reason }) => reason === "PLAN_HELD");
  expect(held.type).toBe("Stalled");
  expect(await description(101)).toBe("as it should be");
  const [plan] = await listHeldPlans(repository.root);
  expect(plan?.summary).toBe("1 to destroy");

  const nixherd = resolve("cli/nixherd.js");
  const approved = await repository.run("node", [nixherd, "approve", plan?.id ?? "", "--yes"]);
  expect(approved.exitCode, approved.all).toBe(0);
  const gone = async () =>
    (await watcher.status())?.stacks.some(({ stack }) => stack === "alpha") ? undefined : true;
  await until(gone, { what: () => `alpha to be forgotten in ${join(repository.root, ".nixherd")}` });
});
