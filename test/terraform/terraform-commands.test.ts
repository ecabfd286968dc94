import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { apply } from "../../terraform/apply.ts";
import type { TerraformEvent } from "../../terraform/apply-events.ts";
import { init } from "../../terraform/init.ts";
import { output } from "../../terraform/output.ts";
import { plan } from "../../terraform/plan.ts";
import type { TerraformFolder } from "../../terraform/run-terraform.ts";
import { showPlan } from "../../terraform/show.ts";
import { validate } from "../../terraform/validate.ts";
import {
  type Configuration,
  localExec,
  makeStack,
  reference,
  terraformData,
  writeConfiguration,
} from "./stack-folder.ts";

async function initialised(configuration: Configuration): Promise<TerraformFolder> {
  const folder = await makeStack(configuration);
  await init(folder, {});
  return folder;
}

function planFileOf(folder: TerraformFolder): string {
  return join(folder.path, "saved.tfplan");
}

async function planAll(folder: TerraformFolder, more: object = {}): Promise<boolean> {
  return plan(folder, { outFile: planFileOf(folder), lockTimeoutSeconds: 0, ...more }, () => undefined);
}

async function applyPlan(
  folder: TerraformFolder,
  onEvent: (event: TerraformEvent) => unknown = () => undefined,
): Promise<void> {
  await apply(folder, { planFile: planFileOf(folder), lockTimeoutSeconds: 0 }, onEvent);
}

async function readState(
  folder: TerraformFolder,
): Promise<{ resources: { instances: { status?: string }[] }[] }> {
  return JSON.parse(await readFile(join(folder.path, "terraform.tfstate"), "utf8"));
}

test("Init, plan, show, apply and output work together, and a second plan is empty.", async () => {
  const folder = await initialised({
    ...terraformData({ one: { input: "first" } }),
    output: {
      word: { value: reference("terraform_data.one.output") },
      hidden: { value: "x", sensitive: true },
    },
  });
  expect(await output(folder)).toEqual({});
  expect(await planAll(folder)).toBe(true);
  const { resource_changes } = await showPlan(folder, planFileOf(folder));
  expect(resource_changes).toMatchObject([
    {
      address: "terraform_data.one",
      mode: "managed",
      change: { actions: ["create"], after: { input: "first" } },
    },
  ]);

  const events: TerraformEvent[] = [];
  await applyPlan(folder, (event) => events.push(event));
  const address = "terraform_data.one";
  expect(events.filter(({ type }) => type === "resource")).toMatchObject([
    { state: "started", address, action: "create" },
    { state: "complete", address, action: "create" },
  ]);
  expect(events.filter(({ type }) => type === "unknown")).toEqual([]);

  expect(await output(folder)).toMatchObject({
    word: { value: "first", sensitive: false },
    hidden: { sensitive: true },
  });
  expect(await planAll(folder)).toBe(false);
});

test("A destroy plan ends everything in the stack.", async () => {
  const folder = await initialised(terraformData({ one: {}, two: {} }));
  await planAll(folder);
  await applyPlan(folder);
  expect(await planAll(folder, { isDestroy: true })).toBe(true);
  await applyPlan(folder);
  expect((await readState(folder)).resources).toEqual([]);
});

test("Targets leave everything else alone.", async () => {
  const folder = await initialised(terraformData({ one: {}, two: {} }));
  await planAll(folder, { targets: ["terraform_data.two"] });
  const { resource_changes } = await showPlan(folder, planFileOf(folder));
  expect(resource_changes?.map(({ address }) => address)).toEqual(["terraform_data.two"]);
});

test("Validate lists what is wrong, and nothing when all is well.", async () => {
  const folder = await initialised(terraformData({ one: {} }));
  expect(await validate(folder)).toEqual([]);
  await writeConfiguration(folder, terraformData({ one: { colour: "blue" } }));
  expect(await validate(folder)).toMatchObject([
    { severity: "error", summary: expect.stringContaining("Extraneous JSON object property") },
  ]);
});

test("The state's lock held by another run is STATE_LOCKED with who holds it, and nothing is done.", async () => {
  const folder = await initialised(
    terraformData({ slow: localExec("touch running; until [ -e stop ]; do sleep 0.05; done") }),
  );
  await planAll(folder);
  const applying = applyPlan(folder);
  // Also when an expectation fails: nothing else ends it.
  onTestFinished(async () => {
    await writeFile(join(folder.path, "stop"), "");
    await applying;
  });
  await vi.waitUntil(() => existsSync(join(folder.path, "running")), { timeout: 20_000 });
  await expect(planAll(folder)).rejects.toMatchObject({
    code: "STATE_LOCKED",
    message: expect.stringMatching(/^The state is locked by \S+@\S+ \(apply\) since \d{4}-/),
    hint: expect.stringMatching(/^Wait until it has ended, or let it end cleanly with: kill -INT \d+$/),
  });
});

test("A plan that another apply overtook is PLAN_STALE, and is not applied.", async () => {
  const folder = await initialised(terraformData({ one: {} }));
  await planAll(folder);
  await applyPlan(folder);
  await expect(applyPlan(folder)).rejects.toMatchObject({ code: "PLAN_STALE" });
});

test("A hook that fails is explained, its resource is tainted, and the next apply repeats it and only it.", async () => {
  const script = "echo 'web-1 (101): no SSH at 10.0.0.1. Check that the machine booted.'; exit 10";
  const folder = await initialised(terraformData({ other: {}, "nixos-101": localExec(script) }));
  await planAll(folder);
  const lines: string[] = [];
  const failing = applyPlan(folder, (event) => {
    if (event.type === "provisioner-output") lines.push(event.line);
  });
  await expect(failing).rejects.toMatchObject({
    code: "SSH_REFUSED",
    message: expect.stringMatching(/^web-1 \(101\): no SSH at 10\.0\.0\.1\.\nlocal-exec provisioner error/),
    hint: "Check that the machine booted.",
  });
  expect(lines.at(-1)).toContain("no SSH at 10.0.0.1");

  await writeConfiguration(folder, terraformData({ other: {}, "nixos-101": localExec("true") }));
  expect(await planAll(folder)).toBe(true);
  const { resource_changes } = await showPlan(folder, planFileOf(folder));
  expect(resource_changes).toMatchObject([
    { change: { actions: ["delete", "create"] }, action_reason: "replace_because_tainted" },
    { change: { actions: ["no-op"] } },
  ]);
  await applyPlan(folder);
  expect(await planAll(folder)).toBe(false);
});

test("An interrupted apply ends by itself, saves its state and is INTERRUPTED.", async () => {
  const abort = new AbortController();
  const made = await initialised(terraformData({ quick: {}, slow: localExec("echo started; sleep 600") }));
  const folder = { ...made, interrupt: abort.signal };
  await planAll(folder);
  const applying = applyPlan(folder, (event) => {
    if (event.type === "provisioner-output" && event.line === "started") abort.abort();
  });
  await expect(applying).rejects.toMatchObject({
    code: "INTERRUPTED",
    message: expect.stringContaining("was interrupted and ended cleanly"),
  });
  const { resources } = await readState(folder);
  expect(
    resources.flatMap(({ instances }) => instances.map(({ status }) => status ?? "sound")).sort(),
  ).toEqual(["sound", "tainted"]);
});

test("A configuration that is not initialised is INIT_NEEDED, one whose backend moved is BACKEND_CHANGED.", async () => {
  const folder = await makeStack(terraformData({ one: {} }));
  await expect(planAll(folder)).rejects.toMatchObject({ code: "INIT_NEEDED" });
  await init(folder, {});
  await writeConfiguration(folder, { terraform: { backend: { local: { path: "elsewhere.tfstate" } } } });
  await expect(planAll(folder)).rejects.toMatchObject({ code: "INIT_NEEDED" });
  await expect(init(folder, {})).rejects.toMatchObject({ code: "BACKEND_CHANGED" });
});

test("A backend that does not answer is BACKEND_FAILED, and its password is masked.", async () => {
  const conn_str = "postgres://nixherd:open-sesame@127.0.0.1:1/state";
  const folder = await makeStack({ terraform: { backend: { pg: { conn_str } } } });
  const failed = init(folder, {});
  await expect(failed).rejects.toMatchObject({
    code: "BACKEND_FAILED",
    message: expect.stringContaining("refused"),
  });
  await expect(failed).rejects.toMatchObject({ message: expect.not.stringContaining("open-sesame") });
});

test("A fault in the configuration keeps Terraform's own words.", async () => {
  const folder = await initialised(terraformData({ one: {} }));
  await writeConfiguration(folder, terraformData({ one: { input: reference("nothing.here") } }));
  await expect(planAll(folder)).rejects.toMatchObject({
    code: "TERRAFORM_FAILED",
    message: expect.stringContaining("Reference to undeclared resource"),
  });
});
