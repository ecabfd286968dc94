import { expect, test } from "vitest";
import { asNixherdError } from "../../cli/pipeline/as-nixherd-error.ts";
import { NixherdError } from "../../lib/errors.ts";
import { dataStack, makeProject } from "./project.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: some words, write '/repo/file'`), { code, syscall: "write" });
}

test.each([
  ["ENOSPC", "DISK_FULL"],
  ["EDQUOT", "DISK_FULL"],
  ["EACCES", "FILE_FAILED"],
  ["EROFS", "FILE_FAILED"],
])("%s of the file system is %s with the system's words.", (system, code) => {
  expect(asNixherdError(systemError(system))).toMatchObject({
    code,
    message: expect.stringContaining("write '/repo/file'"),
  });
});

test("An error with a code stays as it is; everything else is a fault of nixherd with its stack.", () => {
  const known = new NixherdError("USAGE", { message: "m", hint: "h" });
  expect(asNixherdError(known)).toBe(known);
  expect(asNixherdError(new TypeError("x is undefined"))).toMatchObject({
    code: "INTERNAL",
    message: expect.stringMatching(/^This is a fault of nixherd: TypeError: x is undefined\n {4}at /),
  });
  expect(asNixherdError("a string")).toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("a string"),
  });
});

test("A file where a folder is needed ends a command with FILE_FAILED.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.write(".nixherd", "");
  const { exitCode, stderr } = await project.run(["plan"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error FILE_FAILED: .*\.nixherd.*\n {2}-> /);
});
