import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OsLab, openOsLab } from "./os-lab.ts";
import { eventsOf } from "./project.ts";

let lab: OsLab;

beforeAll(async () => {
  lab = await openOsLab([
    { stack: "demo", name: "web-1", vmId: 101 },
    { stack: "demo", name: "web-2", vmId: 102 },
  ]);
});

afterAll(() => lab?.stop());

test("a command runs on every machine, its output stands below the machine's name", async () => {
  const { exitCode, stdout } = await lab.os(["exec", "--", "hostname;", "echo", "'a  b'"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("demo  web-1 (101)\n  web-1\n  a  b\n");
  expect(stdout).toContain("demo  web-2 (102)\n  web-2\n  a  b\n");
});

test("where the command fails is a failure with its exit code; the others' output is there", async () => {
  const { exitCode, stdout, stderr } = await lab.os([
    "exec",
    "web-*",
    "--",
    '[ "$(hostname)" = web-1 ] || exit 3',
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^demo +web-1 +101 +ok .* 0$/m);
  expect(stdout).toMatch(/^demo +web-2 +102 +GUEST_COMMAND_FAILED .* 3$/m);
  expect(stderr).toContain("The command ended with exit code 3 on web-2 (102).");
});

test("of a long output the end is kept, and what is missing is said", async () => {
  const line = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo end";
  const { stdout } = await lab.os(["exec", "web-1", "--", line]);
  expect(stdout).toMatch(/^ {2}\[37861 characters before this were not kept\]$/m);
  expect(stdout).toMatch(/x\n {2}end$/m);
  const events = eventsOf(await lab.os(["exec", "web-1", "--json", "--", line]));
  expect(events.find(({ event }) => event === "os-result")).toMatchObject({
    result: { exitCode: 0, droppedChars: 37_861 },
  });
});

test("without a command, and after its deadline, it says so", async () => {
  expect(await lab.os(["exec", "web-1"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error USAGE: There is no command to run\./),
  });
  expect(await lab.os(["exec", "web-1", "--timeout", "1", "--", "sleep", "50"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^error COMMAND_TIMED_OUT: demo: A command on web-1 \(101\) did not end within 1 s/,
    ),
  });
});

test("Ctrl-C cuts what runs, begins nothing more, and says so", async () => {
  const begun = join(lab.machine(101).root, "tmp/begun");
  const child = lab.start(["exec", "--parallel", "1", "--", "touch $TMPDIR/begun; sleep 50"]);
  await expect.poll(() => existsSync(begun), { timeout: 20_000 }).toBe(true);
  child.kill("SIGINT");
  const { exitCode, stdout, stderr } = await child;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(
    /error INTERRUPTED: demo: The connection to web-1 \(101\) was cut; a command .* may go on\./,
  );
  expect(stdout).toMatch(/^demo +web-2 +102 +not begun/m);
  expect(existsSync(join(lab.machine(102).root, "tmp/begun"))).toBe(false);
});

test("ssh is the user's own, which accepts the machine's pinned key only, and ends with its exit code", async () => {
  const { exitCode, stdout } = await lab.os(["ssh", "web-2", "--", "hostname; exit 5"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "web-2" });
  const other = await lab.read(".nixherd/known_hosts/101");
  await lab.write(".nixherd/known_hosts/102", other.replace("vm-101", "vm-102"));
  expect(await lab.os(["ssh", "web-2", "--", "hostname"])).toMatchObject({
    exitCode: 255,
    stderr: expect.stringContaining("Host key verification failed"),
  });
  expect(await lab.os(["ssh", "web-*"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("web-* means 2 machines, and ssh takes one."),
  });
});
