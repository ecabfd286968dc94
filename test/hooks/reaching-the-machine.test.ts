import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type HookLab, readRun, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

const withoutAgent = { NIXHERD_AGENT: "false" };
// A well-formed public key of no machine.
const anotherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g other\n";
const fingerprints = /SHA256:[A-Za-z0-9+/]{43}/g;

test.concurrent("a machine that boots late is waited for", async () => {
  const lab = await labs.start({ bootMs: 1500, agentMs: 1000 });
  const run = await lab.run();
  expect(run.phases.slice(0, 2)).toEqual(["host-key ok", "ssh ok"]);
  expect(run.exitCode).toBe(0);
});

test.concurrent("a machine whose SSH never comes up fails at the deadline, with the last words of ssh", async () => {
  const lab = await labs.start({ bootMs: 3_600_000 });
  // No door in ssh_config: the address itself is tried, and a closed loopback port refuses.
  const run = await lab.run({
    NIXHERD_ADDRESS: "127.0.0.1",
    NIXHERD_SSH_CONFIG: closedPort(lab),
    NIXHERD_DEADLINE_SECONDS: "2",
  });
  expect(run.exitCode).toBe(10);
  expect(run.phases).toEqual(["host-key ok", "ssh fail"]);
  expect(run.lastLine).toMatch(
    /no SSH at root@127\.0\.0\.1 within 2s.*Connection refused.*Check that the machine booted/,
  );
});

test.concurrent("an ssh configuration that ssh refuses ends the run at once", async () => {
  const lab = await labs.start();
  lab.write("broken_config", "NoSuchOption yes\n");
  const run = await lab.run({ NIXHERD_SSH_CONFIG: join(lab.root, "broken_config") });
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toContain("ssh refuses its configuration");
});

test.concurrent("a login that is refused until the deadline is named as such", async () => {
  const lab = await labs.start();
  const run = await lab.run({ NIXHERD_SSH_USER: "nobody", NIXHERD_DEADLINE_SECONDS: "8" });
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toMatch(/refuses the login of nobody.*Permission denied.*access\.user/);
});

test.concurrent("a machine without NixOS in it is told from one that does not answer", async () => {
  const lab = await labs.start();
  renameSync(join(lab.machine.root, "run/current-system"), join(lab.machine.root, "run/gone"));
  const run = await lab.run();
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toContain("there is no NixOS on it");
});

test.concurrent("without an address in the spec the agent is asked for one", async () => {
  const lab = await labs.start();
  const run = await lab.run({ NIXHERD_ADDRESS: "" });
  expect(run.output).toContain(`connected to root@${lab.machine.address}`);
  expect(run.exitCode).toBe(0);
});

test.concurrent("without an address and without an agent the run ends before it connects", async () => {
  const lab = labs.open();
  const run = await lab.run({ ...withoutAgent, NIXHERD_ADDRESS: "" });
  expect(run.exitCode).toBe(10);
  expect(run.lastLine).toContain("address is not known");
});

test.concurrent("a machine that was made anew is trusted by the key that its agent tells", async () => {
  const lab = await labs.start();
  await lab.run();
  const before = lab.read(`.nixherd/known_hosts/${lab.vmId}`);
  await lab.machine.destroy();
  await lab.machine.create();
  const run = await lab.run();
  expect(run.exitCode).toBe(0);
  expect(lab.read(`.nixherd/known_hosts/${lab.vmId}`)).not.toBe(before);
});

test.concurrent("a machine that shows another key than its agent tells is refused with both fingerprints", async () => {
  const lab = await labs.start();
  writeFileSync(join(lab.machine.root, "etc/ssh/ssh_host_ed25519_key.pub"), anotherKey);
  const run = await lab.run();
  expect(run.exitCode).toBe(11);
  expect(run.phases).toEqual(["host-key ok", "ssh fail"]);
  expect(new Set(run.lastLine.match(fingerprints)).size).toBe(2);
});

test.concurrent("a key that the machine replaced while it booted is read again through the agent", async () => {
  const lab = await labs.start({ bootMs: 1500 });
  const file = join(lab.machine.root, "etc/ssh/ssh_host_ed25519_key.pub");
  const lasting = readFileSync(file, "utf8");
  writeFileSync(file, anotherKey);
  const running = lab.start();
  for await (const line of running) {
    if (line === "phase=ssh state=start ms=0") writeFileSync(file, lasting);
  }
  const run = readRun(await running);
  expect(run.exitCode, run.output).toBe(0);
});

test.concurrent("an agent that never answers fails at the deadline", async () => {
  const lab = await labs.start({ hasAgent: false });
  const run = await lab.run({ NIXHERD_DEADLINE_SECONDS: "2" });
  expect(run.exitCode).toBe(11);
  expect(run.lastLine).toMatch(
    /did not tell the host key in time.*QEMU guest agent is not running.*agent\.enabled/,
  );
});

test.concurrent("a token that may not read files through the agent is refused at once, with the privilege that it lacks", async () => {
  const lab = await labs.start();
  const run = await lab.run({ PROXMOX_VE_API_TOKEN: lab.cluster.auditorToken });
  expect(run.exitCode).toBe(11);
  expect(run.lastLine).toContain("VM.GuestAgent.FileRead");
});

test.concurrent("an API whose certificate is not trusted is refused at once", async () => {
  const lab = await labs.start();
  const run = await lab.run({ SSL_CERT_FILE: "" });
  expect(run.exitCode).toBe(11);
  expect(run.lastLine).toMatch(/certificate/);
  const insecure = await lab.run({ SSL_CERT_FILE: "", PROXMOX_VE_INSECURE: "true" });
  expect(insecure.exitCode).toBe(0);
});

test.concurrent("without a token only a machine whose key is pinned is reached", async () => {
  const lab = await labs.start();
  const unknown = await lab.run({ PROXMOX_VE_API_TOKEN: "" });
  expect(unknown.exitCode).toBe(11);
  expect(unknown.lastLine).toContain("PROXMOX_VE_API_TOKEN");
  await lab.run();
  const pinned = await lab.run({ PROXMOX_VE_API_TOKEN: "" });
  expect(pinned.exitCode).toBe(0);
});

test.concurrent("without an agent the first key is recorded in a file to be committed, and another one refused", async () => {
  const lab = await labs.start({ hasAgent: false });
  const first = await lab.run(withoutAgent);
  expect(first.exitCode).toBe(0);
  expect(first.output).toContain(`vm-specs/_host-keys/${lab.vmId}.pub`);
  const recorded = lab.read(`vm-specs/_host-keys/${lab.vmId}.pub`);
  expect(recorded).toMatch(new RegExp(`^ssh-ed25519 \\S+ nixherd-vm-${lab.vmId}\\n$`));

  expect((await lab.run(withoutAgent)).exitCode).toBe(0);

  await lab.machine.destroy();
  await lab.machine.create();
  const changed = await lab.run(withoutAgent);
  expect(changed.exitCode).toBe(11);
  expect(new Set(changed.lastLine.match(fingerprints)).size).toBe(2);
  expect(changed.lastLine).toContain(`delete vm-specs/_host-keys/${lab.vmId}.pub`);
  expect(lab.read(`vm-specs/_host-keys/${lab.vmId}.pub`)).toBe(recorded);
});

test.concurrent("a first connection that fails records no key", async () => {
  const lab = await labs.start({ hasAgent: false });
  await lab.run({ ...withoutAgent, NIXHERD_SSH_USER: "nobody", NIXHERD_DEADLINE_SECONDS: "1" });
  expect(existsSync(join(lab.root, `vm-specs/_host-keys/${lab.vmId}.pub`))).toBe(false);
});

function closedPort(lab: HookLab): string {
  lab.write("closed_config", "Port 1\n");
  return join(lab.root, "closed_config");
}
