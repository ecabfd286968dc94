import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa, execaSync } from "execa";
import { onTestFinished } from "vitest";
import { startTemplateCluster, type TemplateCluster } from "../template/template-cluster.ts";
import { packerFolder } from "./read-packer.ts";

/** Why the real Packer does not run here; "" where one that is new enough and the plugin's folder are at hand. */
export const noPacker = ((): string => {
  const { exitCode, stdout } = execaSync("packer", ["version"], { reject: false });
  if (exitCode !== 0) return "packer is not installed here";
  const [, minor = "0"] = /v1\.(\d+)\./.exec(stdout) ?? [];
  if (Number(minor) < 14) return `${stdout.trim()} is older than 1.14`;
  return process.env["PACKER_PLUGIN_PATH"] ? "" : "PACKER_PLUGIN_PATH names no folder with the plugin";
})();

/** What keeps Packer from asking the network, and from reading or writing files of whoever runs the test. */
function quietly(folder: string): Record<string, string> {
  return { CHECKPOINT_DISABLE: "1", PACKER_CONFIG_DIR: folder, PACKER_CACHE_DIR: join(folder, "cache") };
}

/** Runs Packer to its end, without any cluster. */
export function runPackerAlone(...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "nixherd-packer-alone-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = {
    ...quietly(folder),
    PROXMOX_URL: "https://127.0.0.1:1/api2/json",
    PROXMOX_USERNAME: "packer@pve!build",
    PROXMOX_TOKEN: "0f8fad5b-d9cb-469f-a165-70867728950e",
  };
  return execa("packer", args, { env, reject: false, all: true });
}

export interface PackerLab {
  readonly cluster: TemplateCluster;
  /** Where variables, manifest and keys are put. */
  readonly folder: string;
  /** Starts Packer on the embedded cluster, in a process group of its own. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof startPacker>;
  /** What Packer says that it made. */
  readManifest(): unknown;
  /** Runs a build of packer/ (or of a copy of it) with these variables to its end. */
  build(
    source: "clone" | "iso",
    variables: Readonly<Record<string, unknown>>,
    template?: string,
  ): ReturnType<typeof startPacker>;
  /** Path of a file inside a machine, as the host sees it. */
  inside(vmId: number, path: string): string;
  /** VMID, name and whether it is a template, of every machine. */
  machines(): string[];
}

/** Embedded machines need no time to restart, and installers none to come up; nothing else may reach Packer's web server. */
export const quickly = { restart_seconds: 1, installer_boot_seconds: 1, http_bind_address: "127.0.0.1" };

/** Machines as they are: nothing is shown that is not in them. */
export const asTheyAre = { file: () => undefined };

/** An embedded cluster and the real Packer in front of it. */
export async function openPackerLab(): Promise<PackerLab> {
  const cluster = await startTemplateCluster(asTheyAre);
  const folder = mkdtempSync(join(tmpdir(), "nixherd-packer-lab-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { endpoint, token, caFile = "" } = cluster.access;
  const at = token.indexOf("=");
  const environment = {
    ...quietly(folder),
    ...cluster.environment,
    PROXMOX_URL: `${endpoint}/api2/json`,
    PROXMOX_USERNAME: token.slice(0, at),
    PROXMOX_TOKEN: token.slice(at + 1),
    SSL_CERT_FILE: caFile,
  };
  return {
    cluster,
    folder,
    start: (args, env) => startPacker(args, { ...environment, ...env }),
    build: (source, variables, template = packerFolder) => {
      const file = join(folder, "build.pkrvars.json");
      writeFileSync(file, JSON.stringify({ ...quickly, ...variables }));
      const only = `-only=proxmox-${source}.nixos`;
      return startPacker(["build", "-color=false", only, `-var-file=${file}`, template], environment);
    },
    inside: (vmId, path) => join(dirname(cluster.sshConfig), "machines", String(vmId), path),
    readManifest: () => JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")),
    machines: () =>
      [...cluster.pve.cluster.vms.values()].map(
        ({ vmid, config }) => `${vmid} ${config["name"]} ${config["template"] ?? 0}`,
      ),
  };
}

function startPacker(args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa("packer", args, { env, reject: false, all: true, detached: true, stdin: "ignore" });
}
