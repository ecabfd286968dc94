import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyPair } from "../../../embedded/create-key-pair.ts";
import { createKeyboard } from "../../../embedded/guest/keyboard.ts";
import { openWebFiles } from "../pve/web-files.ts";
import { type GuestLab, openGuestLab, until, webMachine } from "./guest-lab.ts";

let lab: GuestLab;
beforeEach(async () => {
  lab = await openGuestLab();
});
afterEach(() => lab.stop());

/** A new machine with an empty disk, whose boot order ends at an installer. */
const fresh = {
  config: {
    ...webMachine.config,
    virtio0: "local-lvm:vm-101-disk-0,size=16G",
    ide2: "local:iso/nixos-minimal-26.05.1-x86_64-linux.iso,media=cdrom",
    boot: "order=virtio0;ide2",
  },
};
/** What a machine in an installer's hands gets by DHCP. */
const address = "10.200.0.101";
const inside = (path: string): string => join(lab.folder, "machines/101", path);

const shifted: Readonly<Record<string, string>> = {
  ":": "semicolon",
  "|": "backslash",
  _: "minus",
  "&": "7",
  ">": "dot",
};
const plain: Readonly<Record<string, string>> = {
  " ": "spc",
  "-": "minus",
  ".": "dot",
  "/": "slash",
  "=": "equal",
};

/** Types as Packer's plugin does. */
function typeLine(text: string): void {
  for (const character of text) {
    const upper = /[A-Z]/.test(character) ? `shift-${character.toLowerCase()}` : character;
    const key =
      shifted[character] === undefined ? (plain[character] ?? upper) : `shift-${shifted[character]}`;
    lab.port.pressKey?.(101, key);
  }
  lab.port.pressKey?.(101, "ret");
}

test("keys are read as a keyboard of the United States types them", () => {
  const lines: string[] = [];
  const press = createKeyboard((line) => lines.push(line));
  for (const key of [
    "shift-a",
    "b",
    "0",
    "shift-0",
    "shift-semicolon",
    "grave_accent",
    "shift-apostrophe",
    "spc",
    "x",
    "backspace",
    "f5",
    "ret",
  ])
    press(key);
  press("kp_enter");
  expect(lines).toEqual(['Ab0):`" ', ""]);
});

test("an installer lets nobody in and has no agent, until what is typed fetches a script that changes that", async () => {
  const key = join(lab.folder, "build");
  const publicKey = await createKeyPair(key, "build");
  const script = readFileSync(resolve("packer/scripts/authorize.sh.pkrtpl"), "utf8")
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what Packer fills in
    .replace("${ssh_public_key}", publicKey)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what Packer fills in
    .replace("${nixpkgs_revision}", "a".repeat(40));
  const web = await openWebFiles((_request, response) => response.end(script));
  try {
    await lab.boot(fresh);
    await until("its SSH server listens", async () =>
      readFileSync(join(lab.folder, "ssh_config"), "utf8").includes(address),
    );
    expect((await lab.ssh(address, "true")).stderr).toContain("Permission denied (publickey)");
    await expect(lab.port.agent(101, "ping", {})).rejects.toThrow("is not running");
    typeLine("");
    typeLine("sudo -i");
    typeLine(`curl -fsS ${web.url}/authorize.sh | bash`);
    await until("the agent answers", () =>
      lab.port.agent(101, "ping", {}).then(
        () => true,
        () => false,
      ),
    );
    expect((await lab.ssh("-i", key, address, "echo in")).stdout).toBe("in");
  } finally {
    await web.stop();
  }
  // Its memory is lost, and nothing was installed.
  await lab.port.powerOff(101);
  expect(existsSync(inside(""))).toBe(false);
});

test("an installer fetches nothing from other computers", async () => {
  await lab.boot(fresh);
  typeLine("curl -fsS http://192.0.2.1/authorize.sh || echo no");
  await until("it has said why", async () =>
    lab.log.some((line) => line.includes("Failed to connect to 192.0.2.1")),
  );
});

test("what is installed is on the disk, boots, and goes with a copy", async () => {
  const key = join(lab.folder, "build");
  const publicKey = await createKeyPair(key, "build");
  await lab.boot(fresh);
  const folder = join(lab.folder, "machines/101.installer");
  await until("its SSH server listens", async () =>
    readFileSync(join(lab.folder, "ssh_config"), "utf8").includes(address),
  );
  writeFileSync(join(folder, "root/.ssh/authorized_keys"), publicKey);
  const run = (script: string) => lab.ssh("-i", key, address, script);
  const flake =
    "mkdir -p $NIXHERD_ROOT/mnt/etc/nixos; echo '{ } # template-seabios' >$NIXHERD_ROOT/mnt/etc/nixos/flake.nix";
  const prepare = `FIRMWARE=seabios bash ${resolve("packer/scripts/prepare-disk.sh")}`;
  const install = `FIRMWARE=seabios NIXPKGS_REVISION=x TEMPLATE_ROOT=/mnt bash ${resolve("packer/scripts/install-nixos.sh")}`;
  const early = await run(install);
  expect(early.stderr).toContain("nothing is mounted");
  for (const step of [prepare, flake, install]) {
    const { exitCode, stderr } = await run(step);
    expect(exitCode, stderr).toBe(0);
  }
  expect((await run(prepare)).stderr).toContain("is not empty");
  expect(await lab.port.shutdown(101)).toBe(true);
  expect(existsSync(folder)).toBe(false);

  await lab.bootUntilReachable(fresh);
  const system = (await lab.ssh("web-1", "readlink $NIXHERD_ROOT/run/current-system")).stdout;
  expect(system).toMatch(new RegExp(`^${inside("nix/store/")}\\w+-nixos-system-template-seabios-`));
  await lab.port.clone?.(101, 102);
  const copied = join(lab.folder, "machines/102/nix/var/nix/profiles/system-1-link");
  expect(readlinkSync(copied)).toBe(system.replace("machines/101/", "machines/102/"));
});

test("a new generation is numbered above the highest, also when the ones below it are gone", async () => {
  await lab.bootUntilReachable();
  const profile = "$NIXHERD_ROOT/nix/var/nix/profiles/system";
  const set = (path: string) => `mkdir -p $NIXHERD_ROOT${path}; nix-env --profile ${profile} --set ${path}`;
  const steps = [
    set("/nix/store/b"),
    set("/nix/store/c"),
    `nix-env --profile ${profile} --delete-generations old`,
  ];
  for (const step of [...steps, set("/nix/store/d")]) expect((await lab.ssh("web-1", step)).exitCode).toBe(0);
  const { stdout } = await lab.ssh("web-1", `ls -d ${profile}-*; readlink ${profile}`);
  expect(stdout.split("\n").map((line) => line.replace(/.*\//, ""))).toEqual([
    "system-3-link",
    "system-4-link",
    "system-4-link",
  ]);
});

test("a copy of a disk has its host key and machine id, and makes its own where they were removed", async () => {
  await lab.bootUntilReachable();
  await lab.port.clone?.(101, 102);
  const of = (vmId: number, path: string) =>
    readFileSync(join(lab.folder, "machines", String(vmId), path), "utf8");
  const identity = ["etc/ssh/ssh_host_ed25519_key.pub", "etc/machine-id"];
  for (const path of identity) expect(of(102, path)).toBe(of(101, path));
  await lab.ssh(
    "web-1",
    "rm $NIXHERD_ROOT/etc/ssh/ssh_host_*; : >$NIXHERD_ROOT/etc/machine-id; echo kept >$NIXHERD_ROOT/etc/kept",
  );
  await lab.port.clone?.(101, 103);
  await lab.boot({ ...webMachine, vmid: 103, name: "web-3" });
  for (const path of identity) {
    expect(of(103, path)).not.toBe("");
    expect(of(103, path)).not.toBe(of(102, path));
  }
  expect(of(103, "etc/kept")).toBe("kept\n");
});
