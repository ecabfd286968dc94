import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Command, runCommand } from "../../lib/run-command.ts";
import { isAlive } from "../is-alive.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nixherd-run-"));
});
afterEach(async () => rm(folder, { recursive: true }));

function bash(script: string, options: Partial<Command> = {}) {
  return runCommand({ file: "bash", args: ["-c", script], cwd: folder, timeoutMs: 30_000, ...options });
}

test("A command that ends hands back its exit code and both outputs.", async () => {
  const result = await bash("echo out; echo err >&2; exit 7");
  expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n", isInterrupted: false });
});

test("Lines arrive whole and in order, the last one without a newline too.", async () => {
  const lines: string[] = [];
  await bash("printf 'one\\ntwo\\r\\n'; printf 'thr'; printf 'ee'", {
    onStdoutLine: (line) => lines.push(line),
  });
  expect(lines).toEqual(["one", "two", "three"]);
});

test("A stream without newlines arrives in pieces of bounded size, and only its end is kept.", async () => {
  const lengths: number[] = [];
  const result = await bash("head -c 3000000 /dev/zero | tr '\\0' x", {
    onStdoutLine: (line) => lengths.push(line.length),
  });
  expect(lengths.reduce((sum, length) => sum + length)).toBe(3_000_000);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(1024 * 1024);
  expect(result.stdout.length).toBe(64 * 1024);
});

test("Variables are laid over the environment, and undefined takes one away.", async () => {
  process.env["NIXHERD_TEST_GONE"] = "still here";
  const result = await bash('echo "$MINE-$NIXHERD_TEST_GONE-$PATH"', {
    env: { MINE: "added", NIXHERD_TEST_GONE: undefined },
  });
  delete process.env["NIXHERD_TEST_GONE"];
  expect(result.stdout).toBe(`added--${process.env["PATH"]}\n`);
});

test("A missing program is COMMAND_NOT_STARTED and names the program.", async () => {
  await expect(bash("", { file: "no-such-program" })).rejects.toMatchObject({
    code: "COMMAND_NOT_STARTED",
    message: expect.stringContaining("no-such-program"),
  });
});

test("More output than allowed stops the command with OUTPUT_TOO_LARGE.", async () => {
  await expect(bash("yes", { maxOutputChars: 1000 })).rejects.toMatchObject({ code: "OUTPUT_TOO_LARGE" });
});

test("The deadline interrupts the command, tells its last words and masks secrets in them.", async () => {
  process.env["NIXHERD_TEST_TOKEN"] = "very-secret-value";
  const run = bash("echo waiting for very-secret-value >&2; sleep 600", { timeoutMs: 500 });
  await expect(run).rejects.toMatchObject({
    code: "COMMAND_TIMED_OUT",
    message: expect.stringMatching(/within 0.5 s .*waiting for \*\*\*/s),
  });
  delete process.env["NIXHERD_TEST_TOKEN"];
});

test("An interruption reaches the command and the processes it started as SIGINT, once.", async () => {
  const abort = new AbortController();
  const script = `
    trap 'echo parent >> caught' INT
    bash -c 'trap "echo child >> caught; exit 0" INT; echo ready; while :; do sleep 0.05; done'
    exit 4`;
  const result = await bash(script, {
    interrupt: abort.signal,
    onStdoutLine: () => abort.abort(),
  });
  expect(result).toMatchObject({ exitCode: 4, isInterrupted: true });
  const caught = await readFile(join(folder, "caught"), "utf8");
  expect(caught.trim().split("\n").sort()).toEqual(["child", "parent"]);
});

test("A command that ignores the interruption is given its time before it is killed.", async () => {
  const abort = new AbortController();
  const script = "trap 'echo ignored > caught' INT; echo ready; while :; do sleep 0.05; done";
  const result = await bash(script, {
    interrupt: abort.signal,
    killAfterMs: 1000,
    onStdoutLine: () => abort.abort(),
  });
  expect(result).toMatchObject({ exitCode: undefined, isInterrupted: true });
  expect(await readFile(join(folder, "caught"), "utf8")).toBe("ignored\n");
});

test("Output that goes through files arrives as it does through pipes.", async () => {
  const lines: string[] = [];
  const options = { outputFolder: folder, onStdoutLine: (line: string) => lines.push(line) };
  const result = await bash("for i in {1..3000}; do echo line $i; done; echo err >&2; exit 4", options);
  expect(result).toMatchObject({ exitCode: 4, stderr: "err\n" });
  expect(lines).toHaveLength(3000);
  expect(lines.at(-1)).toBe("line 3000");
});

test("A command whose output goes to files outlives a killed caller and writes on; one with pipes does not.", async () => {
  const script = "echo $$; until [[ -e go ]]; do sleep 0.05; done; echo said; echo done >DONE";
  const survives = async (options: string): Promise<boolean> => {
    await rm(join(folder, "go"), { force: true });
    const source = `import { runCommand } from ${JSON.stringify(resolve("lib/run-command.ts"))};
      await runCommand({ file: "bash", args: ["-ec", ${JSON.stringify(script)}], cwd: ${JSON.stringify(folder)},
        timeoutMs: 60000, onStdoutLine: (line) => console.log(line), ${options} });`;
    const caller = spawn(process.execPath, ["--input-type=module-typescript", "-e", source]);
    const pid = Number(await new Promise((heard) => caller.stdout.once("data", heard)));
    const ended = new Promise((resolve) => caller.once("exit", resolve));
    caller.kill("SIGKILL");
    await ended;
    await writeFile(join(folder, "go"), "");
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
    return readFile(join(folder, "DONE"), "utf8").then(
      () => true,
      () => false,
    );
  };
  expect(await survives("")).toBe(false);
  expect(await survives(`outputFolder: ${JSON.stringify(folder)}`)).toBe(true);
});
