import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyPair } from "../../../embedded/create-key-pair.ts";
import { type GuestLab, openGuestLab } from "./guest-lab.ts";

let lab: GuestLab;
beforeEach(async () => {
  lab = await openGuestLab();
  await lab.bootUntilReachable();
});
afterEach(() => lab.stop());

const loose = "Host *\n  StrictHostKeyChecking accept-new\n  BatchMode yes\n  IdentitiesOnly yes\n";

/** Runs ssh as one who reads no file of the cluster: through the bastion, to the address that the machine has itself. */
function sshThrough(words: readonly string[], key = join(lab.folder, "id_ed25519"), user = "bastion") {
  const config = join(lab.folder, "through");
  const known = `  UserKnownHostsFile "${config}.known"\n  IdentityFile "${key}"\n`;
  const bastion = `Host through\n  HostName 127.0.0.1\n  Port ${lab.bastionPort}\n  User ${user}\n${known}`;
  writeFileSync(config, `${bastion}\nHost 10.*\n  User root\n  ProxyJump through\n${known}\n${loose}`);
  return execa("ssh", ["-F", config, ...words], {
    reject: false,
    stdin: "ignore",
    timeout: 20_000,
  });
}

test("the bastion leads to a machine at its own address", async () => {
  const { exitCode, stdout, stderr } = await sshThrough(["10.0.20.11", "hostname"]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("web-1");
});

test("it leads to no other address, to no other port, and not to a machine without power", async () => {
  const port = /Port (\d+)/.exec(readFileSync(join(lab.folder, "ssh_config"), "utf8"))?.[1] ?? "";
  for (const words of [["10.0.20.12"], ["-p", "80", "10.0.20.11"], ["-W", `127.0.0.1:${port}`, "through"]]) {
    const { exitCode, stderr } = await sshThrough([...words, ...(words[0] === "-W" ? [] : ["true"])]);
    expect(exitCode, stderr).not.toBe(0);
    expect(stderr).toMatch(/open failed|forwarding failed/);
  }
  await lab.port.powerOff(101);
  expect((await sshThrough(["10.0.20.11", "true"])).stderr).toContain("open failed");
});

test("it runs no commands, and lets nobody pass but the cluster's own key", async () => {
  expect((await sshThrough(["through", "id"])).stdout).toBe("");
  const stranger = join(lab.folder, "stranger");
  await createKeyPair(stranger, "stranger");
  const strange = await sshThrough(["10.0.20.11", "true"], stranger);
  expect(strange.stderr).toContain("bastion@127.0.0.1: Permission denied (publickey)");
  const other = await sshThrough(["10.0.20.11", "true"], undefined, "root");
  expect(other.stderr).toContain("root@127.0.0.1: Permission denied (publickey)");
});
