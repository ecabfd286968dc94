import { expect, test } from "vitest";
import { machine, makeSpecs } from "./specs-project.ts";

test("Valid specs are counted.", async () => {
  const project = await makeSpecs({ "demo/web-1.json": machine(101, 2), "demo/web-2.json": machine(102, 3) });
  expect(await project.run(["validate"])).toEqual({
    exitCode: 0,
    stdout: "2 machines in 1 stack: all valid.",
    stderr: "",
  });
});

test("Every problem of every file is listed, and the exit code is 2.", async () => {
  const project = await makeSpecs({
    "demo/web-1.json": machine(101, 2, { colour: "blue" }),
    "demo/web-2.json": '{ "vmId": 102, }',
    "demo/web-3.json": machine(103, 4, { node: 7 }),
  });
  const { exitCode, stdout, stderr } = await project.run(["validate"]);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("3 errors.");
  expect(stderr).toMatch(/^error: vm-specs\/demo\/web-1\.json:\/colour: /m);
  expect(stderr).toMatch(/^error: vm-specs\/demo\/web-2\.json:/m);
  expect(stderr).toMatch(/^error: vm-specs\/demo\/web-3\.json:\/node: /m);
});

test("With --json each problem is one object.", async () => {
  const project = await makeSpecs({
    "demo/web-1.json": machine(101, 2, { colour: "blue" }),
    "demo/notes.txt": "ignored",
  });
  const { exitCode, stdout } = await project.run(["validate", "--json"]);
  expect(exitCode).toBe(2);
  const problems = stdout.split("\n").map((line) => JSON.parse(line));
  expect(problems).toContainEqual({
    file: "vm-specs/demo/web-1.json",
    pointer: "/colour",
    rule: "schema",
    severity: "error",
    message: expect.any(String),
  });
  expect(problems).toContainEqual(
    expect.objectContaining({ file: "vm-specs/demo/notes.txt", severity: "warning" }),
  );
});

test("Warnings alone are shown and valid.", async () => {
  const project = await makeSpecs({ "demo/web-1.json": machine(101, 2), "demo/notes.txt": "ignored" });
  const { exitCode, stdout, stderr } = await project.run(["validate"]);
  expect(exitCode).toBe(0);
  expect(stdout).toBe("1 machine in 1 stack: all valid, 1 warning.");
  expect(stderr).toMatch(/^warning: vm-specs\/demo\/notes\.txt:/);
});
