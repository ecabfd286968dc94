import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");
let repository: TestRepository;

const run = (...args: string[]) => repository.run("node", [nixherd, ...args]);
const plain = (vmId: number, more: object = {}) => machine(vmId, { nixos: false, ...more });

async function vmIds(): Promise<number[]> {
  const machines = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
  return machines
    .map(({ vmid }) => vmid)
    .filter((vmId) => vmId < 9000)
    .toSorted();
}

/** The id of the plan that is held, as `status` tells it to programs. */
async function heldId(): Promise<string> {
  const { stdout } = await run("status", "--json");
  return (JSON.parse(stdout) as { plan: { id: string } }).plan.id;
}

const countingCheck = `import { text } from "node:stream/consumers";
const plan = JSON.parse(await text(process.stdin));
console.log(JSON.stringify([\`\${process.env.NIXHERD_STACK} has \${plan.resource_changes.length} resources\`]));
`;

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, {
    _site: site,
    "demo/web-1": plain(101),
    "demo/web-2": plain(102),
  });
  // What runs inside the machines has tests of its own.
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  const applied = await run("apply", "--yes");
  expect(applied.exitCode, applied.all).toBe(0);
});

afterAll(() => repository?.close());

test("a spec that was deleted destroys nothing before somebody approves, and then exactly what was held", async () => {
  repository.remove("vm-specs/demo/web-2.json");
  // The output goes without web-2 from here on, so that the same plan of web-1 changes nothing later.
  expect((await run("apply", "demo", "--yes", "--target", "101")).exitCode).toBe(0);
  const held = await run("apply", "--yes");
  expect(held.exitCode, held.all).toBe(4);
  expect(held.all).toMatch(/error PLAN_HELD: demo: .*1 to destroy/);
  expect(held.all).toContain("1 machine would be destroyed or replaced, 0 may be: web-2 (102).");
  expect(await vmIds()).toEqual([101, 102]);

  const id = await heldId();
  expect(held.all).toContain(`nixherd approve ${id}`);
  const status = await run("status");
  expect(status.stdout).toMatch(new RegExp(`^${id} {2}demo: 1 to destroy.* held since`));

  const other = await run("apply", "demo", "--yes", "--target", "101");
  expect(other.exitCode, other.all).toBe(0);
  expect(await heldId(), "a plan of another machine decides nothing").toBe(id);

  repository.write("vm-specs/broken/web-9.json", '{ "vmId": 109,');
  const approved = await run("approve", id, "--yes");
  expect(approved.exitCode, approved.all).toBe(0);
  expect(approved.all).toContain("error in broken: vm-specs/broken/web-9.json");
  repository.remove("vm-specs/broken");
  expect(await vmIds()).toEqual([101]);
  expect((await run("status")).all).toMatch(/No plan is held\.$/);
});

test("a plan that is not the approved one any more is held again, with its own id", async () => {
  repository.write("vm-specs/_site.json", { ...site, policy: { powerCycle: "confirm" } });
  repository.write("vm-specs/demo/web-1.json", plain(101, { memory: { sizeMiB: 1536 } }));
  expect((await run("apply", "--yes")).exitCode).toBe(4);
  const id = await heldId();

  repository.write("vm-specs/demo/web-1.json", plain(101, { memory: { sizeMiB: 2048 } }));
  const stale = await run("approve", id, "--yes");
  expect(stale.exitCode, stale.all).toBe(4);
  expect(stale.all).toContain(`The plan is not the one that was approved (${id})`);
  expect(await heldId()).not.toBe(id);
  const allowed = await run("apply", "--yes", "--allow-power-cycle");
  expect(allowed.exitCode, allowed.all).toBe(0);
});

test("a check of the user's own holds a plan, a broken one stops it, and check-plan asks the same", async () => {
  repository.write("checks/own.ts", countingCheck);
  repository.write("vm-specs/_site.json", { ...site, policy: { checks: ["checks/own.ts"] } });
  repository.write(
    "vm-specs/demo/web-1.json",
    plain(101, { memory: { sizeMiB: 2048 }, description: "other" }),
  );
  const held = await run("apply", "--yes");
  expect(held.exitCode, held.all).toBe(4);
  expect(held.all).toMatch(/checks\/own\.ts: demo has \d+ resources/);

  await run("plan", "demo", "--out", "plans");
  const shown = await repository.run(repository.environment["TERRAFORM_BINARY_NAME"] ?? "tofu", [
    "-chdir=cdktf.out/stacks/demo",
    "show",
    "-json",
    `${repository.root}/plans/demo.tfplan`,
  ]);
  repository.write("plan.json", shown.stdout);
  const checked = await run("check-plan", "plan.json", "--stack", "demo");
  expect(checked.exitCode, checked.all).toBe(4);
  expect(checked.all).toMatch(/checks\/own\.ts: demo has \d+ resources/);

  repository.write("checks/own.ts", "throw new Error('no plan for you');\n");
  const broken = await run("apply", "--yes");
  expect(broken.exitCode, broken.all).toBe(1);
  expect(broken.all).toMatch(/error POLICY_CHECK_FAILED: demo: .*checks\/own\.ts ended with exit code 1/);
  expect(broken.all).toContain("no plan for you");
});

test("a stack whose folder is gone is planned as destroyed, and held as well", async () => {
  repository.write("vm-specs/_site.json", site);
  repository.write("vm-specs/old/web-7.json", plain(107));
  expect((await run("apply", "old", "--yes")).exitCode).toBe(0);
  repository.remove("vm-specs/old");

  const held = await run("apply", "--yes");
  expect(held.exitCode, held.all).toBe(4);
  expect(held.all).toContain("Stack old has no folder any more; its state still knows machines.");
  expect(held.all).toMatch(/PLAN_HELD: old: .*1 to destroy/);
  expect(await vmIds()).toContain(107);

  const destroyed = await run("destroy", "old", "--yes");
  expect(destroyed.exitCode, destroyed.all).toBe(0);
  expect(await vmIds()).not.toContain(107);
  expect((await run("plan")).all).not.toContain("Stack old");
});
