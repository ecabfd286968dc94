import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OsLab, openOsLab } from "./os-lab.ts";

let lab: OsLab;

beforeAll(async () => {
  const spec = { access: { user: "ops" } };
  lab = await openOsLab([
    { stack: "demo", name: "web-3", vmId: 103 },
    { stack: "demo", name: "ops-1", vmId: 104, spec, config: { ciuser: "ops" } },
  ]);
  await addGenerations();
});

afterAll(() => lab?.stop());

/** Gives machine 103 five generations of different systems; the first is what it booted, runs, and boots next. */
async function addGenerations(): Promise<void> {
  const { root } = lab.machine(103);
  const profile = join(root, "nix/var/nix/profiles");
  const first = readFileSync(join(root, "boot/default"), "utf8").trim();
  for (const number of [2, 3, 4, 5]) {
    const system = `/nix/store/${String(number).repeat(32)}-nixos-system-web-3-26.05.${number}`;
    await cp(join(root, first), join(root, system), { recursive: true });
    symlinkSync(join(root, system), join(profile, `system-${number}-link`));
  }
}

/** The numbers of machine 103's generations. */
function generations(): number[] {
  const links = readdirSync(join(lab.machine(103).root, "nix/var/nix/profiles"));
  return links.flatMap((link) => /^system-(\d+)-link$/.exec(link)?.slice(1).map(Number) ?? []).sort();
}

test("a dry run says what would go and deletes nothing", async () => {
  const { exitCode, stdout } = await lab.os(["gc", "web-3", "--keep", "2", "--dry-run"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^demo +web-3 +103 +ok .* 2 would go \(2, 3\), 3 kept +-$/m);
  expect(generations()).toEqual([1, 2, 3, 4, 5]);
});

test("a user other than root does with sudo what needs root's rights", async () => {
  expect(await lab.os(["gc", "ops-1", "--yes"])).toMatchObject({ exitCode: 0 });
  expect(await lab.os(["exec", "ops-1", "--sudo", "--", "nix-store --gc"])).toMatchObject({ exitCode: 0 });
  expect(await lab.os(["exec", "ops-1", "--", "nix-store --gc"])).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining("Permission denied"),
  });
});

test("young generations stay", async () => {
  const { stdout } = await lab.os(["gc", "web-3", "--keep", "0", "--older-than", "1d", "--dry-run"]);
  expect(stdout).toMatch(/ 0 would go, 5 kept +-$/m);
});

test("while an activation is undecided nothing is collected", async () => {
  const timer = join(lab.machine(103).root, "run/units/nixherd-deadman.timer.state");
  writeFileSync(timer, "active\n");
  const run = await lab.os(["gc", "web-3", "--keep", "0", "--yes"]);
  const restarted = await lab.os(["reboot", "web-3", "--yes"]);
  writeFileSync(timer, "inactive\n");
  expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("error MACHINE_BUSY") });
  expect(restarted).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("error MACHINE_BUSY") });
  expect(generations()).toEqual([1, 2, 3, 4, 5]);
});

test("old generations and their systems go; what the machine runs and boots stays", async () => {
  const gone = join(lab.machine(103).root, `/nix/store/${"3".repeat(32)}-nixos-system-web-3-26.05.3`);
  expect(existsSync(gone)).toBe(true);
  expect(await lab.os(["gc", "web-3", "--keep", "1", "--yes"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/ 3 deleted \(2, 3, 4\), 2 kept /),
  });
  expect(generations()).toEqual([1, 5]);
  expect(existsSync(gone)).toBe(false);
});
