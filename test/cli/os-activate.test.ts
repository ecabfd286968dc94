import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OsLab, openOsLab } from "./os-lab.ts";
import { eventsOf } from "./project.ts";

let lab: OsLab;

beforeAll(async () => {
  const nixos = { modules: ["nix/hosts/web.nix"], buildOn: "target", deadlineSeconds: 40 };
  lab = await openOsLab([
    { stack: "demo", name: "web-1", vmId: 101, spec: { nixos } },
    { stack: "demo", name: "web-2", vmId: 102, spec: { nixos: false } },
  ]);
  await lab.write("nix/hosts/web.nix", "{ }\n");
});

afterAll(() => lab?.stop());

const running = () => readlinkSync(join(lab.machine(101).root, "run/current-system"));
const resultOf = (run: { readonly stdout: string }) =>
  eventsOf(run).find(({ event }) => event === "os-result") ?? {};

test("without a terminal and without --yes nothing is activated", async () => {
  const before = running();
  expect(await lab.os(["switch", "web-1"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("error NEEDS_CONFIRMATION"),
  });
  expect(running()).toBe(before);
});

test("switch is a deploy's activation: phases are told, the system is confirmed, a generation made", async () => {
  const run = await lab.os(["switch", "web-1", "--yes", "--json"]);
  const phases = eventsOf(run).filter(({ event, state }) => event === "phase" && state === "ok");
  expect(phases.map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(["host-key", "ssh", "build", "activate", "confirm", "verify"]),
  );
  expect(resultOf(run)).toMatchObject({ state: "ok", result: { generation: 2 } });
  expect(running()).toMatch(/nixos-system-web-1/);
});

test("an activation that fails leaves the old system running, and says what to do", async () => {
  const before = running();
  await lab.write("nix/hosts/web.nix", "{ } # embedded: fail activation\n");
  const { exitCode, stdout, stderr } = await lab.os(["switch", "web-1", "--yes"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /error ACTIVATION_FAILED: demo: web-1 \(101\): .*the machine runs the old system again.*\n {2}-> \S/,
  );
  expect(stdout).toMatch(/^switch: 0 ok, 1 failed in /m);
  expect(running()).toBe(before);
});

test("Ctrl-C during an activation brings the old system back, and says so", async () => {
  const before = running();
  await lab.write("nix/hosts/web.nix", "{ } # embedded: hang activation\n");
  const child = lab.start(["switch", "web-1", "--yes"]);
  let seen = "";
  child.stdout?.on("data", (chunk) => {
    seen += chunk;
  });
  await expect.poll(() => seen, { timeout: 30_000 }).toMatch(/activating the configuration/);
  child.kill("SIGINT");
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(
    /error INTERRUPTED: demo: web-1 \(101\): interrupted while .* asked to run the old system again/,
  );
  await expect.poll(running, { timeout: 20_000 }).toBe(before);
});

test("rollback activates the generation before and boots it from now on; one that is not there is told", async () => {
  await lab.write("nix/hosts/web.nix", "{ }\n");
  const [first, second] = [1, 2].map((number) =>
    readlinkSync(join(lab.machine(101).root, `nix/var/nix/profiles/system-${number}-link`)),
  );
  expect(running()).toBe(second);
  expect(await lab.os(["rollback", "web-1", "--yes"])).toMatchObject({ exitCode: 0 });
  expect(running()).toBe(first);
  expect(first).toContain(readFileSync(join(lab.machine(101).root, "boot/default"), "utf8").trim());
  expect(await lab.os(["rollback", "web-1", "--to", "99", "--yes"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /error GENERATION_MISSING: demo: web-1 \(101\) has no generation 99\.\n {2}-> It has 1, 2/,
    ),
  });
});

test("a machine whose inside is left alone is refused", async () => {
  expect(await lab.os(["switch", "web-2", "--yes"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("error USAGE: demo: The spec of web-2 (102) leaves its inside alone"),
  });
});
