import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataStack, eventsOf, hooked, makeProject } from "./project.ts";

test("A plan with changes ends with exit code 3, one without with 0.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const first = await project.run(["plan"]);
  expect(first).toMatchObject({ exitCode: 3, stderr: "" });
  expect(first.stdout).toMatch(/demo: 1 to create \(planned in .*\)\n {2}\+ {3}terraform_data\.one: create/);
  expect(await project.run(["apply", "--yes"])).toMatchObject({ exitCode: 0 });
  const second = await project.run(["plan"]);
  expect(second.exitCode).toBe(0);
  expect(second.stdout).toContain("demo: no changes");
});

test("A plan of the embedded cluster says that it is one.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const { stderr } = await project.run(["plan"], { NIXHERD_EMBEDDED: "1" });
  expect(stderr).toBe("Working on the embedded cluster, which is no real Proxmox VE.");
});

test("A plan changes nothing: no state, no hook, and no saved plan stays behind.", async () => {
  const project = await makeProject({ demo: dataStack({ one: hooked("touch ../../../ran") }) });
  await project.run(["plan"]);
  await expect(project.read("terraform.demo.tfstate")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(project.read("ran")).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readdir(join(project.root, ".nixherd/plans"))).toEqual([]);
});

test("With --json every line is one event, and the plan names what happens to every machine.", async () => {
  const project = await makeProject({ demo: dataStack({ "nixos-101": {}, other: {} }) });
  const run = await project.run(["plan", "demo", "--json"]);
  const events = eventsOf(run);
  expect(events.map(({ event }) => event)).toEqual(["synth", "init", "plan"]);
  expect(events[2]).toMatchObject({
    stack: "demo",
    plan: {
      stack: "demo",
      isDestroy: false,
      hasChanges: true,
      machines: [{ vmId: 101, nixos: "first" }],
      others: [{ address: "terraform_data.other", action: "create" }],
    },
  });
});

test("The second run skips init; a changed backend runs it again and says what to do with the state.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.run(["apply", "--yes"]);
  const again = eventsOf(await project.run(["plan", "--json"]));
  expect(again.map(({ event }) => event)).toEqual(["synth", "plan"]);
  const moved = {
    ...dataStack({ one: {} }),
    terraform: { backend: { local: { path: "elsewhere.tfstate" } } },
  };
  await project.setStacks({ demo: moved });
  const run = await project.run(["plan"]);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/^error BACKEND_CHANGED: demo: .*\n(.*\n)* {2}-> .*init -migrate-state$/);
});

test("An initialisation that somebody removed is made again without a word.", async () => {
  const project = await makeProject({
    demo: { ...dataStack({ one: {} }), module: { m: { source: "./m" } } },
  });
  await project.write("cdktf.out/stacks/demo/m/main.tf.json", "{}");
  expect(await project.run(["plan"])).toMatchObject({ exitCode: 3, stderr: "" });
  await project.write("cdktf.out/stacks/demo/.terraform/modules/modules.json", '{"Modules":[]}');
  const run = await project.run(["plan", "--json"]);
  expect(run.exitCode).toBe(3);
  expect(eventsOf(run).map(({ event }) => event)).toEqual(["synth", "init", "plan"]);
});

test("A stack that cannot be planned does not stop the others, and the command fails at the end.", async () => {
  const project = await makeProject({
    bad: dataStack({ one: { colour: "blue" } }),
    good: dataStack({ one: {} }),
  });
  const run = await project.run(["plan"]);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain("good: 1 to create");
  expect(run.stderr).toMatch(/^error TERRAFORM_FAILED: bad: .*\n {2}Extraneous JSON object property/);
});

test("--out keeps the saved plan, for its owner only, and its summary.", async () => {
  const project = await makeProject({ demo: dataStack({ one: { input: "not in the summary" } }) });
  await project.run(["plan", "--out", "kept"]);
  expect((await stat(join(project.root, "kept/demo.tfplan"))).mode & 0o777).toBe(0o600);
  const summary = await project.read("kept/demo.json");
  expect(JSON.parse(summary)).toMatchObject({ stack: "demo", others: [{ address: "terraform_data.one" }] });
  expect(summary).not.toContain("not in the summary");
});

test("Targets narrow a plan down to a machine, and choose its stack.", async () => {
  const machine = (vmId: number) => ({ terraform_data: { [`nixos-${vmId}`]: {} } });
  const project = await makeProject({ demo: { resource: machine(101) }, prod: { resource: machine(201) } });
  const run = await project.run(["plan", "demo", "--target", "101", "102", "--json"]);
  expect(eventsOf(run).at(-1)).toMatchObject({ stack: "demo", plan: { machines: [{ vmId: 101 }] } });
  const unknown = await project.run(["plan", "--target", "999"]);
  expect(unknown.exitCode).toBe(1);
  expect(unknown.stderr).toMatch(/^error USAGE: No spec describes a machine with vmId 999\.\n {2}-> /);
});
