import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAlive } from "../../is-alive.ts";
import { type GuestLab, openGuestLab, until } from "./guest-lab.ts";

let lab: GuestLab;
beforeEach(async () => {
  lab = await openGuestLab();
  await lab.bootUntilReachable();
});
afterEach(() => lab.stop());

const bootId = () => lab.ssh("web-1", "cat $NIXHERD_ROOT/proc/sys/kernel/random/boot_id");

test("a machine that restarts ends what runs in it", async () => {
  const before = await bootId();
  const session = await lab.ssh("web-1", "systemctl reboot; exec tail -f /dev/null");
  expect(session.exitCode).toBe(255);
  await until("the machine is up again", async () => (await bootId()).exitCode === 0);
  expect((await bootId()).stdout).not.toBe(before.stdout);
});

test("a connection ends with the boot that took it", async () => {
  const shared = ["-o", `ControlPath=${lab.folder}/shared`];
  await lab.ssh(...shared, "-o", "ControlMaster=yes", "-o", "ControlPersist=60", "web-1", "true");
  // No other connection than the shared one.
  const ask = () => lab.ssh(...shared, "-o", "ProxyCommand=false", "web-1", "true");
  expect((await ask()).exitCode).toBe(0);
  await lab.ssh("web-1", "systemctl reboot; exec tail -f /dev/null");
  await until("the machine is up again", async () => (await bootId()).exitCode === 0);
  expect((await ask()).exitCode).toBe(255);
});

test("a command that ends in time leaves nothing of its timeout behind", async () => {
  const seconds = 100_000 + process.pid;
  expect((await lab.ssh("web-1", `timeout ${seconds} true`)).exitCode).toBe(0);
  const sleeping = () => execa("pgrep", ["-f", `^sleep ${seconds}$`], { reject: false });
  await until("nobody waits for it", async () => (await sleeping()).stdout === "");
});

test("a restart ends with the machine's power", async () => {
  const pidFile = join(lab.folder, "pid");
  const pid = () => (existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0);
  const neverEnds = join(lab.folder, "never-ends");
  writeFileSync(neverEnds, `#!/bin/sh\necho $$ >${pidFile}\nexec tail -f /dev/null\n`, {
    mode: 0o755,
  });
  await lab.ssh("web-1", `NIXHERD_EMBEDDED_NODE=${neverEnds} systemctl reboot`);
  await until("the restart has begun", async () => pid() > 0);
  await lab.port.powerOff(101);
  await until("nothing restarts the machine", async () => !isAlive(pid()));
});
