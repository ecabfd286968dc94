import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OsLab, openOsLab } from "./os-lab.ts";
import { eventsOf } from "./project.ts";
import { runOnTerminal } from "./terminal.ts";

let lab: OsLab;

beforeAll(async () => {
  lab = await openOsLab([101, 102].map((vmId) => ({ stack: "demo", name: `web-${vmId - 100}`, vmId })));
});

afterAll(() => lab?.stop());

const bootId = (vmId: number) =>
  readFileSync(join(lab.machine(vmId).root, "proc/sys/kernel/random/boot_id"), "utf8");

test("machines are restarted one after another, and each is seen to boot its profile's system", async () => {
  const before = [101, 102].map(bootId);
  const run = await lab.os(["reboot", "web-1", "web-2", "--yes", "--json"]);
  expect(run.exitCode).toBe(0);
  const told = eventsOf(run).filter(({ event }) => event === "os-result" || event === "os-machine");
  expect(told.map(({ vmId }) => vmId)).toEqual([101, 101, 101, 102, 102, 102]);
  expect([101, 102].map(bootId)).not.toEqual(before);
  expect(told.at(-1)).toMatchObject({ state: "ok", result: { bootId: bootId(102).trim() } });
});

test("on a terminal it asks, and the machines show as a list; another answer than yes touches nothing", async () => {
  const { NO_COLOR: _, ...environment } = lab.environment;
  const words = ["os", "reboot", "web-2"];
  const before = bootId(102);
  const refused = await runOnTerminal(lab, words, [["Type", "no\n"]], environment);
  expect(refused.exitCode).toBe(1);
  expect(refused.screen).toContain('Restart demo/web-2? Type "yes": ');
  expect(bootId(102)).toBe(before);
  const done = await runOnTerminal(lab, words, [["Type", "yes\n"]], environment);
  expect(done.exitCode).toBe(0);
  expect(done.screen).toMatch(/✔ demo {2}web-2 \(102\) {2}\d/);
  expect(done.screen).toMatch(/^reboot: 1 ok in /m);
  expect(bootId(102)).not.toBe(before);
});

test("a machine that goes on as before was not restarted, however well it answers", async () => {
  // Nobody can write this file, so the machine cannot even begin to go down.
  const link = join(lab.machine(102).root, "run/restarting");
  symlinkSync("/no/such/folder/file", link);
  const { exitCode, stderr } = await lab.os(["reboot", "web-2", "--timeout", "2", "--yes"]);
  rmSync(link);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("did not come back within 2 s: it still runs the boot from before");
});

test("the first machine that does not come back stops it: the others are left alone", async () => {
  writeFileSync(join(lab.machine(101).root, "boot/default"), "/nix/store/no-such-system\n");
  const before = bootId(102);
  const { exitCode, stdout, stderr } = await lab.os(["reboot", "web-1", "web-2", "--timeout", "3", "--yes"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/error MACHINE_NOT_BACK: demo: web-1 \(101\) did not come back within 3 s: /);
  expect(stdout).toMatch(/^demo +web-2 +102 +not begun/m);
  expect(bootId(102)).toBe(before);
});
