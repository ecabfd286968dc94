import { expect, test } from "vitest";
import { dataStack, makeProject } from "./project.ts";
import { runOnTerminal } from "./terminal.ts";

test.each(["apply", "destroy"])(
  "%s without a terminal and without --yes fails before anything is done.",
  async (command) => {
    const project = await makeProject({ demo: dataStack({ one: {} }) });
    const run = await project.run([command, "demo"]);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(
      /^error NEEDS_CONFIRMATION: There is no terminal .*, so nothing was done\.\n {2}-> .*--yes\.$/,
    );
    await expect(project.read("cdktf.out/manifest.json")).rejects.toMatchObject({ code: "ENOENT" });
  },
);

test("On a terminal apply shows the plan, asks, and applies after yes alone.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const refused = await runOnTerminal(project, ["apply"], [["Apply this?", "y\n"]]);
  expect(refused.exitCode).toBe(1);
  expect(refused.screen).toContain("demo: 1 to create");
  expect(refused.screen).toContain(
    'error NEEDS_CONFIRMATION: The answer was not "yes", so nothing was changed.',
  );
  await expect(project.read("terraform.demo.tfstate")).rejects.toMatchObject({ code: "ENOENT" });

  const applied = await runOnTerminal(project, ["apply"], [["Apply this?", "yes\n"]]);
  expect(applied.exitCode).toBe(0);
  expect(await project.read("terraform.demo.tfstate")).toContain('"terraform_data"');
  const again = await runOnTerminal(project, ["apply"], []);
  expect(again).toMatchObject({ exitCode: 0, screen: expect.stringContaining("demo: no changes") });
});

test("The end of the input is no yes.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const run = await runOnTerminal(project, ["apply"], [["Apply this?", "\u0004"]]);
  expect(run).toMatchObject({ exitCode: 1, screen: expect.stringContaining("NEEDS_CONFIRMATION") });
});

test("Destroy asks for the name of every stack.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }), prod: dataStack({ two: {} }) });
  await project.run(["apply", "--yes"]);
  const wrong = await runOnTerminal(
    project,
    ["destroy"],
    [
      ["for demo will be lost", "demo\n"],
      ["for prod will be lost", "yes\n"],
    ],
  );
  expect(wrong).toMatchObject({ exitCode: 1, screen: expect.stringContaining('The answer was not "prod"') });
  expect(await project.read("terraform.demo.tfstate")).toContain('"terraform_data"');
  const right = await runOnTerminal(project, ["destroy", "demo"], [["for demo will be lost", "demo\n"]]);
  expect(right.exitCode).toBe(0);
  expect(await project.read("terraform.demo.tfstate")).not.toContain('"terraform_data"');
});

test("Ctrl-C at the question changes nothing and ends with 130.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const run = await runOnTerminal(project, ["apply"], [["Apply this?", "\u0003"]]);
  expect(run).toMatchObject({ exitCode: 130, screen: expect.stringContaining("Nothing was changed.") });
  await expect(project.read("terraform.demo.tfstate")).rejects.toMatchObject({ code: "ENOENT" });
});

test("On a terminal an apply shows a list with one line per machine, and the durations below it.", async () => {
  const project = await makeProject({ demo: dataStack({ "nixos-101": {}, other: {} }) });
  const { exitCode, screen } = await runOnTerminal(project, ["apply", "--yes"], []);
  expect(exitCode).toBe(0);
  expect(screen).toContain("Applying demo");
  expect(screen).toMatch(/✔ demo {2}vm-101 \(101\)/);
  expect(screen).toMatch(/✔ demo {2}terraform_data\.other/);
  expect(screen).toMatch(/demo: done after .*\n {2}vm-101 \(101\): NixOS step/);
  expect(screen).not.toContain("NixOS step begins");
});

test("A list that does not fit on the terminal becomes plain lines.", async () => {
  const machines = Array.from({ length: 20 }, (_, index) => [`nixos-${101 + index}`, {}]);
  const project = await makeProject({ demo: dataStack(Object.fromEntries(machines)) });
  const { screen } = await runOnTerminal(project, ["apply", "--yes"], []);
  expect(screen).toContain("demo  vm-120 (120)  NixOS step begins");
  expect(screen).not.toContain("Applying demo");
});
