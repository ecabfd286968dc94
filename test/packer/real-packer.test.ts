import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { noPacker, openPackerLab, runPackerAlone } from "./packer-lab.ts";
import { packerFolder } from "./read-packer.ts";
import { sampleVariables } from "./sample-variables.ts";

test("packer fmt has nothing to change", async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { exitCode, all } = await runPackerAlone("fmt", "-check", "-diff", packerFolder);
  expect(exitCode, all).toBe(0);
});

test.for(["clone", "iso"] as const)("packer validate accepts the source proxmox-%s", async (source, { skip }) => {
  skip(noPacker !== "", noPacker);
  const folder = mkdtempSync(join(tmpdir(), "nixherd-packer-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "id_ed25519")];
  execFileSync("ssh-keygen", args);
  const file = join(folder, "build.pkrvars.json");
  writeFileSync(file, JSON.stringify(sampleVariables(folder)[source]));
  const init = await runPackerAlone("init", packerFolder);
  expect(init.exitCode, init.all).toBe(0);
  const valid = await runPackerAlone(
    "validate",
    `-only=proxmox-${source}.nixos`,
    `-var-file=${file}`,
    packerFolder,
  );
  expect(valid.exitCode, valid.all).toBe(0);
});

test("A build from an image makes a template of what it installed, and no trace of the build is in it.", async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const lab = await openPackerLab();
  const file = lab.writeVariables({ ...sampleVariables(lab.folder).clone, restart_seconds: 1 });
  const build = await lab.start(["build", "-color=false", "-only=proxmox-clone.nixos", `-var-file=${file}`, packerFolder]);
  expect(build.exitCode, build.all).toBe(0);
  console.log(build.all);
  expect(lab.machines()).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
}, 120_000);
