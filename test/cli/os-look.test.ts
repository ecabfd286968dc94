import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OsLab, openOsLab } from "./os-lab.ts";
import { eventsOf } from "./project.ts";

let lab: OsLab;

beforeAll(async () => {
  lab = await openOsLab([
    { stack: "demo", name: "web-1", vmId: 101, spec: { tags: ["web"] } },
    {
      stack: "demo",
      name: "web-2",
      vmId: 102,
      spec: {
        tags: ["web"],
        nixos: { health: [{ command: "true" }, { unit: "nginx.service", retries: 0 }] },
      },
    },
    {
      stack: "prod",
      name: "db-1",
      vmId: 103,
      spec: { networks: [{ bridge: "vmbr0", ipv4: { dhcp: true } }] },
    },
  ]);
});

afterAll(() => lab?.stop());

const noToken = { PROXMOX_VE_API_TOKEN: "" };
const pinned = (vmId: number) => join(lab.root, ".nixherd/known_hosts", String(vmId));

test("no key is accepted because it is the first: without the agent's word or a pinned key nobody logs in", async () => {
  const { exitCode, stderr } = await lab.os(["facts", "web-1"], noToken);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^error HOST_KEY_UNKNOWN: demo: The SSH host key of web-1 \(101\) is not known here/m,
  );
  expect(existsSync(pinned(101))).toBe(false);
});

test("facts are a table of every machine, also of one whose address only its agent knows", async () => {
  const { exitCode, stdout, stderr } = await lab.os(["facts"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines[0]).toMatch(/^STACK +NAME +VMID +RESULT +TIME +NIXOS +GENERATION +KERNEL/);
  expect(lines.slice(1, 4).map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ["demo", "web-1", "101", "ok"],
    ["demo", "web-2", "102", "ok"],
    ["prod", "db-1", "103", "ok"],
  ]);
  expect(lines[4]).toMatch(/^facts: 3 ok in /);
});

test("the key that the agent told is pinned, and does without the cluster from then on", async () => {
  const told = await lab.read(".nixherd/known_hosts/101");
  expect(told).toMatch(/^nixherd-vm-101 ssh-ed25519 \S+\n$/);
  const events = eventsOf(await lab.os(["facts", "@web", "--json"], noToken));
  expect(events.filter(({ event }) => event === "os-result")).toHaveLength(2);
  expect(events.at(-1)).toMatchObject({
    event: "os-end",
    results: [
      { vmId: 101, state: "ok" },
      { vmId: 102, state: "ok" },
    ],
  });
});

test("a machine that was made anew shows another key, which only its agent can explain", async () => {
  await lab.machine(101).destroy();
  await lab.machine(101).create({ name: "web-1" });
  const refused = await lab.os(["facts", "web-1"], noToken);
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("error HOST_KEY_CHANGED") });
  const before = await lab.read(".nixherd/known_hosts/101");
  expect(await lab.os(["facts", "web-1"])).toMatchObject({ exitCode: 0 });
  expect(await lab.read(".nixherd/known_hosts/101")).not.toBe(before);
});

test("health runs the spec's checks, and a machine that is not well fails the command", async () => {
  const { exitCode, stdout, stderr } = await lab.os(["health", "--stack", "demo", "web-*"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/ok +command "true"\n +failed +unit "nginx\.service": inactive/);
  expect(stdout).toMatch(/^demo +web-1 +101 +ok .* none$/m);
  expect(stdout).toMatch(/^demo +web-2 +102 +MACHINE_UNHEALTHY .* 1 of 2 passed$/m);
  expect(stderr).toMatch(
    /error MACHINE_UNHEALTHY: demo: web-2 \(102\) is not well: unit "nginx\.service" failed: inactive\./,
  );
});

test("generations show which one is current, runs, was booted", async () => {
  const events = eventsOf(await lab.os(["generations", "103", "--json"]));
  expect(events.find(({ event }) => event === "os-result")).toMatchObject({
    result: [{ number: 1, nixosVersion: "26.05.embedded", isCurrent: true, isRunning: true, isBooted: true }],
  });
});

test("a machine that cannot be reached does not stop the others", async () => {
  await lab.machine(102).post("/status/stop");
  const { exitCode, stdout, stderr } = await lab.os(["facts", "*"]);
  await lab.machine(102).post("/status/start");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^demo +web-2 +102 +SSH_REFUSED +.*-$/m);
  expect(stdout).toMatch(/^facts: 2 ok, 1 failed in /m);
  expect(stderr).toMatch(
    /error SSH_REFUSED: demo: web-2 \(102\) at .* cannot be reached: .*\n {2}-> Check that/,
  );
});

test("what nothing is called is refused before anything is done, with a list of what there is", async () => {
  expect(await lab.os(["facts", "wbe-1"])).toMatchObject({
    exitCode: 1,
    stderr:
      "error USAGE: No machine is called wbe-1.\n  -> There is: demo/web-1, demo/web-2, prod/db-1; @web.",
  });
});

test("a machine without an agent needs its recorded key", async () => {
  await lab.write("vm-specs/demo/web-1.json", {
    vmId: 101,
    agent: { enabled: false },
    networks: [{ bridge: "vmbr0", ipv4: { address: "10.0.20.11/24", gateway: "10.0.20.1" } }],
  });
  const key = (await lab.read(".nixherd/known_hosts/101")).replace("nixherd-vm-101 ", "");
  rmSync(pinned(101));
  expect(await lab.os(["facts", "web-1"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("commit vm-specs/_host-keys/101.pub"),
  });
  await lab.write("vm-specs/_host-keys/101.pub", key);
  expect(await lab.os(["facts", "web-1"])).toMatchObject({ exitCode: 0 });
});
