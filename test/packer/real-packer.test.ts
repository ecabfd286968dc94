import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packerFolder } from "./read-packer.ts";
import { sampleVariables } from "./sample-variables.ts";

/** Why these tests do not run here; "" where a Packer that is new enough and the plugin's folder are at hand. */
const noPacker = ((): string => {
  const { status, stdout } = spawnSync("packer", ["version"], { encoding: "utf8" });
  if (status !== 0) return "packer is not installed here";
  const [, minor = "0"] = /v1\.(\d+)\./.exec(stdout) ?? [];
  if (Number(minor) < 14) return `${stdout.trim()} is older than 1.14`;
  return process.env["PACKER_PLUGIN_PATH"] ? "" : "PACKER_PLUGIN_PATH names no folder with the plugin";
})();

const environment = {
  CHECKPOINT_DISABLE: "1",
  PROXMOX_URL: "https://127.0.0.1:1/api2/json",
  PROXMOX_USERNAME: "packer@pve!build",
  PROXMOX_TOKEN: "0f8fad5b-d9cb-469f-a165-70867728950e",
};

function packer(...args: string[]) {
  return spawnSync("packer", args, { encoding: "utf8", env: { ...process.env, ...environment } });
}

test("packer fmt has nothing to change", ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { status, stdout, stderr } = packer("fmt", "-check", "-diff", packerFolder);
  expect(status, stdout + stderr).toBe(0);
});

test.for(["clone", "iso"] as const)("packer validate accepts the source proxmox-%s", (source, { skip }) => {
  skip(noPacker !== "", noPacker);
  const folder = mkdtempSync(join(tmpdir(), "nixherd-packer-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "id_ed25519")];
  execFileSync("ssh-keygen", args);
  const file = join(folder, "build.pkrvars.json");
  writeFileSync(file, JSON.stringify(sampleVariables(folder)[source]));
  const init = packer("init", packerFolder);
  expect(init.status, init.stdout + init.stderr).toBe(0);
  const valid = packer("validate", `-only=proxmox-${source}.nixos`, `-var-file=${file}`, packerFolder);
  expect(valid.status, valid.stdout + valid.stderr).toBe(0);
});
