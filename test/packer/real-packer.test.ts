import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { serveInstallerImage } from "./installer-image.ts";
import { noPacker, openPackerLab, type PackerLab, runPackerAlone } from "./packer-lab.ts";
import { packerFolder } from "./read-packer.ts";
import { sampleVariables } from "./sample-variables.ts";

const timeout = 120_000;

function makeKey(folder: string): string {
  const file = join(folder, "id_ed25519");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "build", "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim();
}

test("packer fmt has nothing to change", async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { exitCode, all } = await runPackerAlone("fmt", "-check", "-diff", "-recursive", packerFolder);
  expect(exitCode, all).toBe(0);
});

test.for(["clone", "iso"] as const)(
  "packer validate accepts the source proxmox-%s",
  async (source, { skip }) => {
    skip(noPacker !== "", noPacker);
    const folder = mkdtempSync(join(tmpdir(), "nixherd-packer-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    makeKey(folder);
    const file = join(folder, "build.pkrvars.json");
    writeFileSync(file, JSON.stringify(sampleVariables(folder)[source]));
    const init = await runPackerAlone("init", packerFolder);
    expect(init.exitCode, init.all).toBe(0);
    const only = `-only=proxmox-${source}.nixos`;
    const valid = await runPackerAlone("validate", only, `-var-file=${file}`, packerFolder);
    expect(valid.exitCode, valid.all).toBe(0);
  },
);

/** What makes a machine one single machine, and what a build leaves in it. */
function traces(lab: PackerLab, vmId: number): string[] {
  const hostKeys = globSync("etc/ssh/ssh_host_*", { cwd: lab.inside(vmId, "") });
  const texts = ["etc/machine-id", "root/.ssh/authorized_keys"].map((path) => lab.inside(vmId, path));
  const found = texts.filter((path) => existsSync(path)).map((path) => readFileSync(path, "utf8").trim());
  return [...hostKeys, ...found].filter((trace) => trace !== "");
}

/** The store path that a machine's disk boots, and those that are kept besides. */
function systems(lab: PackerLab, vmId: number) {
  const booted = readFileSync(lab.inside(vmId, "boot/default"), "utf8").trim();
  return { booted, stored: readdirSync(lab.inside(vmId, "nix/store")).map((name) => `/nix/store/${name}`) };
}

const marker = { version: "nixos-26.05-v2", release: "26.05", created: "2026-11-21T10:00:00.000Z" };

test("A build from an image makes a template of what it installed, with no trace of the build.", {
  timeout,
}, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const lab = await openPackerLab();
  const build = await lab.build("clone", sampleVariables(lab.folder).clone);
  expect(build.exitCode, build.all).toBe(0);
  expect(lab.machines()).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
  expect(lab.readManifest()).toMatchObject({
    builds: [{ builder_type: "proxmox-clone", artifact_id: "9001" }],
  });
  const { config } = lab.cluster.pve.cluster.vms.get(9001) ?? { config: {} };
  expect(config).toMatchObject({
    tags: "golden;nixos",
    description: expect.stringContaining("created 2026-11-21"),
    ide0: expect.stringContaining("cloudinit"),
  });
  expect(Object.keys(config).filter((key) => /^(?:ide2|ciuser|sshkeys|ipconfig0)$/.test(key))).toEqual([]);
  expect(traces(lab, 9001)).toEqual([]);
  expect(JSON.parse(readFileSync(lab.inside(9001, "etc/nixos-template.json"), "utf8"))).toMatchObject(marker);
  const { booted, stored } = systems(lab, 9001);
  expect(booted).toContain("-nixos-system-template-seabios-");
  expect(stored).toEqual([booted]);
  expect(existsSync(lab.inside(9001, "etc/nixos/nix/modules/template.nix"))).toBe(true);
});

const firmwares = [
  { firmware: "seabios", hardware: { machine: "pc", bios: "seabios" } },
  {
    firmware: "ovmf",
    hardware: {
      machine: "q35",
      bios: "ovmf",
      efidisk0: expect.stringMatching(/efitype=4m(?!.*pre-enrolled-keys=1)/),
    },
  },
];

test.for(firmwares)(
  "A build from the installer with $firmware types its key, installs onto the empty disk, and makes that a template.",
  {
    timeout,
  },
  async ({ firmware, hardware }, { skip }) => {
    skip(noPacker !== "", noPacker);
    const lab = await openPackerLab();
    const iso = await serveInstallerImage(lab.cluster.access.caFile ?? "");
    const key = makeKey(lab.folder);
    const build = await lab.build("iso", {
      ...sampleVariables(lab.folder).iso,
      iso_url: iso.url,
      iso_sha256: iso.sha256,
      ssh_public_key: key,
      firmware,
    });
    expect(build.exitCode, build.all).toBe(0);
    expect(lab.machines()).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
    expect(lab.readManifest()).toMatchObject({
      builds: [{ builder_type: "proxmox-iso", artifact_id: "9001" }],
    });
    expect(lab.cluster.changes).toContain("POST /nodes/pve1/storage/local/upload");
    expect(lab.cluster.changes.filter((call) => call.endsWith("/sendkey")).length).toBeGreaterThan(60);
    const { config } = lab.cluster.pve.cluster.vms.get(9001) ?? { config: {} };
    const cloudInit = { ide0: expect.stringContaining("cloudinit") };
    expect(config).toMatchObject({ ...hardware, ...cloudInit, boot: "order=virtio0" });
    expect(traces(lab, 9001)).toEqual([]);
    expect(JSON.parse(readFileSync(lab.inside(9001, "etc/nixos-template.json"), "utf8"))).toMatchObject(
      marker,
    );
    const { booted, stored } = systems(lab, 9001);
    expect(booted).toContain(`-nixos-system-template-${firmware}-`);
    expect(stored).toEqual([booted]);
  },
);

test("A build whose configuration cannot be built leaves nothing behind.", { timeout }, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const lab = await openPackerLab();
  const copy = join(lab.folder, "repository");
  for (const part of ["packer", "nix", "flake.nix", "scripts/cleanup-template.sh"])
    cpSync(join(packerFolder, "..", part), join(copy, part), { recursive: true });
  appendFileSync(join(copy, "nix/modules/template.nix"), "\n# embedded: fail build\n");
  const build = await lab.build("clone", sampleVariables(lab.folder).clone, join(copy, "packer"));
  expect(build.exitCode, build.all).toBe(1);
  expect(build.all).toContain("failed with exit code 1 (embedded: fail build)");
  expect(lab.machines()).toEqual(["9000 nixos-26.05-v1 1"]);
  expect(existsSync(lab.inside(9001, ""))).toBe(false);
  expect(existsSync(join(lab.folder, "manifest.json"))).toBe(false);
});

test("Packer that is interrupted while it works inside the machine removes the machine.", {
  timeout,
}, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const lab = await openPackerLab();
  const build = lab.build("clone", { ...sampleVariables(lab.folder).clone, restart_seconds: 60 });
  await new Promise<void>((resolve, reject) => {
    build.stdout.on("data", (chunk) => String(chunk).includes("Pausing 1m0s") && resolve());
    build.then(({ all }) => reject(new Error(`Packer ended before it could be interrupted: ${all}`)), reject);
  });
  process.kill(-(build.pid ?? 0), "SIGINT");
  const { exitCode, all } = await build;
  expect(exitCode, all).toBe(1);
  expect(all).toContain("Cleanly cancelled builds after being interrupted.");
  expect(lab.machines()).toEqual(["9000 nixos-26.05-v1 1"]);
});

test.for(["scp", "sftp"])(
  "Packer brings files into a machine and out of it by %s.",
  { timeout },
  async (method, { skip }) => {
    skip(noPacker !== "", noPacker);
    const lab = await openPackerLab();
    const config = { agent: "1", net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0", ipconfig0: "ip=dhcp" };
    await lab.cluster.guests.port.boot({ vmid: 101, node: "pve1", name: "web-1", config });
    mkdirSync(join(lab.folder, "given/deep"), { recursive: true });
    const content = "0123456789abcdef\n".repeat(100_000);
    writeFileSync(join(lab.folder, "given/deep/file"), content);
    const variables = [`-var=method=${method}`, `-var=folder=${lab.folder}`, "-var=host=10.200.0.101"];
    const template = join(import.meta.dirname, "transfer.pkr.hcl");
    const { exitCode, all } = await lab.start(["build", "-color=false", ...variables, template]);
    expect(exitCode, all).toBe(0);
    expect(readFileSync(join(lab.folder, "came back"), "utf8") === content).toBe(true);
    expect(existsSync(lab.inside(101, "var/lib/file"))).toBe(true);
  },
);
