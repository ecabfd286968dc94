import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

const script = join(import.meta.dirname, "../../scripts/cleanup-template.sh");

/** Files of a machine that was up: what must go, and what must stay. */
const identity = [
  "etc/ssh/ssh_host_ed25519_key",
  "etc/ssh/ssh_host_ed25519_key.pub",
  "etc/ssh/ssh_host_rsa_key",
  "var/lib/systemd/random-seed",
  "var/lib/systemd/credential.secret",
  "var/lib/systemd/network/lease",
  "var/lib/cloud/instance/user-data.txt",
  "var/lib/cloud/.hidden",
  "var/log/cloud-init.log",
  "var/log/cloud-init-output.log",
  "var/log/journal/abc/system.journal",
  "var/lib/dhcpcd/duid",
  "root/.bash_history",
  "home/ops/.bash_history",
  "etc/nixos/hardware-configuration.nix",
];
const kept = [
  "etc/nixos-template.json",
  "etc/nixos/flake.nix",
  "etc/ssh/sshd_config",
  "etc/ssh/authorized_keys.d/root",
  "root/.ssh/authorized_keys",
  "nix/store/something",
];

function makeRoot(files: readonly string[]): string {
  // A blank in the path: patterns below it must still be found.
  const root = join(mkdtempSync(join(tmpdir(), "nixherd-cleanup-")), "the root");
  onTestFinished(() => rmSync(dirname(root), { recursive: true, force: true }));
  for (const file of [...files, "etc/machine-id"]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "0123456789abcdef\n");
  }
  const bin = join(dirname(root), "bin");
  mkdirSync(bin);
  for (const name of ["sync", "fstrim"]) writeFileSync(join(bin, name), "#!/bin/sh\n", { mode: 0o755 });
  return root;
}

function cleanUp(root: string) {
  const env = { TEMPLATE_ROOT: root, PATH: `${join(dirname(root), "bin")}:${process.env["PATH"]}` };
  return execa(script, [], { env, reject: false, all: true });
}

test("What makes a machine one single machine is gone afterwards, and nothing else.", async () => {
  const root = makeRoot([...identity, ...kept]);
  const { exitCode, all } = await cleanUp(root);
  expect(exitCode, all).toBe(0);
  expect(identity.filter((file) => existsSync(join(root, file)))).toEqual([]);
  expect(kept.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(readFileSync(join(root, "etc/machine-id"), "utf8")).toBe("");
});

test("Cleaning a clean system again changes nothing and succeeds.", async () => {
  const root = makeRoot(kept);
  expect((await cleanUp(root)).exitCode).toBe(0);
  expect((await cleanUp(root)).exitCode).toBe(0);
});

test("A system that is no template in the making is refused and left alone.", async () => {
  const root = makeRoot(identity);
  const { exitCode, all } = await cleanUp(root);
  expect(exitCode).toBe(1);
  expect(all).toContain("no template in the making");
  expect(identity.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(readFileSync(join(root, "etc/machine-id"), "utf8")).not.toBe("");
});

test("Host keys that cannot be removed fail the build.", async () => {
  const root = makeRoot(kept);
  writeFileSync(join(dirname(root), "bin", "rm"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(root, "etc/ssh/ssh_host_ed25519_key"), "key");
  const { exitCode, all } = await cleanUp(root);
  expect(exitCode).toBe(1);
  expect(all).toContain("still there");
});
