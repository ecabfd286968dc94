import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { dataStack, makeProject, program } from "./project.ts";

test("Help lists every command, with examples and exit codes; the version is the package's.", async () => {
  const project = await makeProject();
  const help = await project.run(["--help"]);
  expect(help.exitCode).toBe(0);
  for (const word of ["new", "validate", "synth", "plan", "apply", "destroy", "output", "embedded"]) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${word} `, "m"));
  }
  expect(help.stdout).toMatch(/Examples:\n {2}nixherd new demo\/web-1/);
  expect(help.stdout).toContain("Exit codes: 0 done, 1 failed");
  expect(await project.run(["--version"])).toMatchObject({ exitCode: 0, stdout: packageJson.version });
  expect(await project.run([])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("Usage: nixherd"),
  });
});

test.each([
  [["plann"], "unknown command 'plann'", "(Did you mean plan?)"],
  [["plan", "--colour"], "unknown option '--colour'", ""],
  [["plan", "--target", "web-1"], "'web-1' is invalid", "A VMID is a number"],
  [["new"], "missing required argument 'stack/name'", ""],
  [["new", "web-1"], "'web-1' is invalid", "such as demo/web-1"],
])("%j is USAGE with a sentence of what and one of what to do.", async (args, what, detail) => {
  const project = await makeProject();
  const { exitCode, stderr } = await project.run(args);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error USAGE: .*(\n.*)*\n {2}-> nixherd --help lists the commands/);
  expect(stderr).toContain(what);
  expect(stderr).toContain(detail);
});

test("An unknown stack is USAGE, suggests the nearest one and lists all.", async () => {
  const project = await makeProject({ demo: dataStack({}), prod: dataStack({}) });
  const { exitCode, stderr } = await project.run(["plan", "prd"]);
  expect(exitCode).toBe(1);
  expect(stderr).toBe('error USAGE: There is no stack prd (did you mean "prod"?).\n  -> Stacks: demo, prod.');
});

test("Neither OpenTofu nor Terraform, a named one that is missing, and one too old end with their sentences.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const none = await project.run(["plan"], { TERRAFORM_BINARY_NAME: "", PATH: "/nowhere" });
  expect(none).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error TERRAFORM_MISSING: .*\n {2}-> /),
  });
  const named = await project.run(["plan"], { TERRAFORM_BINARY_NAME: "tofu-nightly" });
  expect(named).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error TERRAFORM_NAMED_MISSING: /),
  });
  await project.write("old/terraform", "#!/bin/sh\necho 'Terraform v1.5.7'\n");
  await chmod(join(project.root, "old/terraform"), 0o755);
  const old = await project.run(["plan"], { TERRAFORM_BINARY_NAME: "", PATH: join(project.root, "old") });
  expect(old).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error TERRAFORM_TOO_OLD: Terraform 1\.5\.7 at .* is older than 1\.9/),
  });
});

test("An older Node gets one sentence with the way out.", async () => {
  const pretend = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.11.1"})';
  const { exitCode, stdout, stderr } = await execa(process.execPath, ["--import", pretend, program, "plan"], {
    reject: false,
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(
    /^nixherd: this project runs on Node 24\.12 or newer, and this is Node 20\.11\.1\. Run scripts\/setup.*$/,
  );
});

test("Colours are for terminals, unless FORCE_COLOR asks for them.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const colourCode = "\u001b[";
  expect((await project.run(["plan"])).stdout).not.toContain(colourCode);
  expect((await project.run(["plan"], { FORCE_COLOR: "1" })).stdout).toContain(colourCode);
});

test("A reader that goes away does not stop an apply.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  const child = project.start(["apply", "--yes"]);
  child.stdout?.destroy();
  expect((await child).exitCode).toBe(0);
  expect(await project.read("terraform.demo.tfstate")).toContain('"terraform_data"');
});
