import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type HookLab, openHookLab, readRun } from "./hook-lab.ts";

let lab: HookLab;
afterEach(() => lab.stop());

const withoutAgent = { NIXHERD_AGENT: "false" };
// A well-formed public key of no machine.
const anotherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g other\n";
const fingerprints = /SHA256:[A-Za-z0-9+/]{43}/g;

test("a machine that boots late is waited for", async () => {
  lab = await openHookLab({ bootMs: 1500, agentMs: 1000 });
  await lab.cluster.createMachine();
  const run = await lab.run();
  expect(run.phases.slice(0, 2)).toEqual(["host-key ok", "ssh ok"]);
  expect(run.exitCode).toBe(0);
});

test("a machine whose SSH never comes up fails at the deadline, with the last words of ssh", async () => {
  lab = await openHookLab({ bootMs: 3_600_000 });
  await lab.cluster.createMachine();
  // No door in ssh_config: the address itself is tried, and a closed loopback port refuses.
  const run = await lab.run({
    NIXHERD_ADDRESS: "127.0.0.1",
    NIXHERD_SSH_CONFIG: closedPort(),
    NIXHERD_DEADLINE_SECONDS: "2",
  });
  expect(run.exitCode).toBe(10);
  expect(run.phases).toEqual(["host-key ok", "ssh fail"]);
  expect(run.lastLine).toMatch(
    /no SSH at root@127\.0\.0\.1 within 2s.*Connection refused.*Check that the machine booted/,
  );
});

test("an ssh configuration that ssh refuses ends the run at once", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  lab.write("broken_config", "NoSuchOption yes\n");
  const run = await lab.run({ NIXHERD_SSH_CONFIG: join(lab.root, "broken_config") });
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toContain("ssh refuses its configuration");
});

test("a login that is refused until the deadline is named as such", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  const run = await lab.run({ NIXHERD_SSH_USER: "nobody", NIXHERD_DEADLINE_SECONDS: "2" });
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toMatch(/refuses the login of nobody.*Permission denied.*access\.user/);
});

test("a machine without NixOS in it is told from one that does not answer", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  renameSync(join(lab.machineRoot, "run/current-system"), join(lab.machineRoot, "run/gone"));
  const run = await lab.run();
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toContain("there is no NixOS on it");
});

test("without an address in the spec the agent is asked for one", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  const run = await lab.run({ NIXHERD_ADDRESS: "" });
  expect(run.output).toContain("connected to root@10.0.20.11");
  expect(run.exitCode).toBe(0);
});

test("without an address and without an agent the run ends before it connects", async () => {
  lab = await openHookLab();
  const run = await lab.run({ ...withoutAgent, NIXHERD_ADDRESS: "" });
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toContain("address is not known");
});

test("a machine that was made anew is trusted by the key that its agent tells", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  await lab.run();
  const before = lab.read(".nixherd/known_hosts/101");
  await lab.cluster.destroyMachine();
  await lab.cluster.createMachine();
  const run = await lab.run();
  expect(run.exitCode).toBe(0);
  expect(lab.read(".nixherd/known_hosts/101")).not.toBe(before);
});

test("a machine that shows another key than its agent tells is refused with both fingerprints", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  writeFileSync(join(lab.machineRoot, "etc/ssh/ssh_host_ed25519_key.pub"), anotherKey);
  const run = await lab.run();
  expect(run.exitCode).toBe(11);
  expect(run.phases).toEqual(["host-key ok", "ssh fail"]);
  expect(new Set(run.lastLine.match(fingerprints)).size).toBe(2);
});

test("a key that the machine replaced while it booted is read again through the agent", async () => {
  lab = await openHookLab({ bootMs: 1500 });
  await lab.cluster.createMachine();
  const file = join(lab.machineRoot, "etc/ssh/ssh_host_ed25519_key.pub");
  const lasting = readFileSync(file, "utf8");
  writeFileSync(file, anotherKey);
  const running = lab.start();
  for await (const line of running) {
    if (line === "phase=ssh state=start ms=0") writeFileSync(file, lasting);
  }
  const run = readRun(await running);
  expect(run.exitCode, run.output).toBe(0);
});

test("an agent that never answers fails at the deadline", async () => {
  lab = await openHookLab({ hasAgent: false });
  await lab.cluster.createMachine();
  const run = await lab.run({ NIXHERD_DEADLINE_SECONDS: "2" });
  expect(run.exitCode).toBe(11);
  expect(run.lastLine).toMatch(
    /did not tell the host key in time.*QEMU guest agent is not running.*agent\.enabled/,
  );
});

test("a token that may not read files through the agent is refused at once, with the privilege that it lacks", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  const run = await lab.run({ PROXMOX_VE_API_TOKEN: lab.cluster.auditorToken });
  expect(run.exitCode).toBe(11);
  expect(run.lastLine).toContain("VM.GuestAgent.FileRead");
});

test("an API whose certificate is not trusted is refused at once", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  const run = await lab.run({ SSL_CERT_FILE: "" });
  expect(run.exitCode).toBe(11);
  expect(run.lastLine).toMatch(/certificate/);
  const insecure = await lab.run({ SSL_CERT_FILE: "", PROXMOX_VE_INSECURE: "true" });
  expect(insecure.exitCode).toBe(0);
});

test("without a token only a machine whose key is pinned is reached", async () => {
  lab = await openHookLab();
  await lab.cluster.createMachine();
  const unknown = await lab.run({ PROXMOX_VE_API_TOKEN: "" });
  expect(unknown.exitCode).toBe(11);
  expect(unknown.lastLine).toContain("PROXMOX_VE_API_TOKEN");
  await lab.run();
  const pinned = await lab.run({ PROXMOX_VE_API_TOKEN: "" });
  expect(pinned.exitCode).toBe(0);
});

test("without an agent the first key is recorded in a file to be committed, and another one refused", async () => {
  lab = await openHookLab({ hasAgent: false });
  await lab.cluster.createMachine();
  const first = await lab.run(withoutAgent);
  expect(first.exitCode).toBe(0);
  expect(first.output).toContain("vm-specs/_host-keys/101.pub");
  const recorded = lab.read("vm-specs/_host-keys/101.pub");
  expect(recorded).toMatch(/^ssh-ed25519 \S+ nixherd-vm-101\n$/);

  expect((await lab.run(withoutAgent)).exitCode).toBe(0);

  await lab.cluster.destroyMachine();
  await lab.cluster.createMachine();
  const changed = await lab.run(withoutAgent);
  expect(changed.exitCode).toBe(11);
  expect(new Set(changed.lastLine.match(fingerprints)).size).toBe(2);
  expect(changed.lastLine).toContain("delete vm-specs/_host-keys/101.pub");
  expect(lab.read("vm-specs/_host-keys/101.pub")).toBe(recorded);
});

test("a first connection that fails records no key", async () => {
  lab = await openHookLab({ hasAgent: false });
  await lab.cluster.createMachine();
  await lab.run({ ...withoutAgent, NIXHERD_SSH_USER: "nobody", NIXHERD_DEADLINE_SECONDS: "1" });
  expect(existsSync(join(lab.root, "vm-specs/_host-keys/101.pub"))).toBe(false);
});

function closedPort(): string {
  lab.write("closed_config", "Port 1\n");
  return join(lab.root, "closed_config");
}
