import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { repository } from "./clone-repository.ts";

/** Runs lines of bash in an empty folder, after the parts of scripts/lib. */
async function bash(script: string, parts = ["step", "deadline", "lock"]) {
  const cwd = mkdtempSync(join(tmpdir(), "nixherd-lib-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const sources = parts.map((part) => `source '${join(repository, "scripts/lib", part)}.sh'`).join("\n");
  const command = `set -euo pipefail\n${sources}\n${script}`;
  const result = await execa("bash", ["-c", command], { cwd, reject: false, timeout: 30_000 });
  return { ...result, cwd };
}

describe("a step", () => {
  test("that is well takes one line, whatever the command says", async () => {
    const { stdout } = await bash("step build 'makes it' bash -c 'echo one; echo two >&2'");
    expect(stdout).toMatch(/^build {7}makes it \.\.\. done \(\d+\.\d s\)$/);
  });

  test("that fails shows what the command said, and returns its exit code", async () => {
    const { stdout, exitCode } = await bash("step build 'makes it' bash -c 'echo one; echo two >&2; exit 7'");
    expect(stdout.replace(/\d+\.\d s/, "0 s")).toBe(
      "build       makes it ... FAILED, exit code 7 (0 s)\n    one\n    two",
    );
    expect(exitCode).toBe(7);
  });

  test("never waits for an answer on the terminal", async () => {
    expect((await bash("step ask 'reads' cat")).exitCode).toBe(0);
  });
});

describe("a deadline", () => {
  test("ends a command that takes longer, with exit code 124", async () => {
    const { stdout, exitCode } = await bash(
      'code=0; within 1 bash -c \'echo $$ >pid; exec sleep 100\' || code=$?; kill -0 "$(<pid)" || echo gone; exit "$code"',
    );
    expect(stdout).toBe("gone");
    expect(exitCode).toBe(124);
  });

  test("leaves the exit code of a command that ends in time", async () => {
    expect((await bash("within 60 bash -c 'exit 9'")).exitCode).toBe(9);
  });
});

describe("a lock", () => {
  test("is released when its holder ends", async () => {
    const { cwd, exitCode } = await bash('hold_lock here 0; [[ $(readlink here) == "$$" ]]');
    expect(exitCode).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("of a living process is waited for until the deadline, then named", async () => {
    const { stderr, exitCode } = await bash('ln -s "$PPID" here; hold_lock here 1');
    expect(stderr).toBe(
      `error: Process ${process.pid} has held here for 1 seconds.\n  -> Wait for it or end it, then try again.`,
    );
    expect(exitCode).toBe(1);
  });
});

test("path.sh puts what was installed first on PATH, from whatever folder it is sourced", async () => {
  const { stdout, cwd } = await bash('echo "$PATH"', ["path"]);
  expect(stdout.split(":").slice(0, 4)).toEqual(
    [".tools/bin", ".tools/node/bin", ".tools/node_modules/.bin", "node_modules/.bin"].map((folder) =>
      join(repository, folder),
    ),
  );
  expect(cwd).not.toBe(repository);
});
