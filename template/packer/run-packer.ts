import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { maskSecrets } from "../../lib/mask-secrets.ts";
import { runCommand } from "../../lib/run-command.ts";
import type { ProxmoxAccess } from "../../proxmox/access.ts";

export interface PackerRun {
  readonly root: string;
  readonly access: ProxmoxAccess;
  /** "clone" from an image, "iso" from the installer. */
  readonly source: "clone" | "iso";
  /** File of variables, JSON. */
  readonly variableFile: string;
  /** Where Packer says which VMID the template has. */
  readonly manifestFile: string;
  readonly interrupt: AbortSignal;
  readonly say: (text: string) => void;
}

/** A build from the installer downloads, installs and copies; the limits of its steps stand in packer/nixos.pkr.hcl. */
const buildTimeoutMs = 4 * 60 * 60_000;
const initTimeoutMs = 10 * 60_000;

/** An interrupted Packer ends its step, a clone of a large disk perhaps, and then removes what it made. */
const killAfterMs = 65 * 60_000;

/**
 * Builds with Packer and gives the VMID of the template. The token reaches Packer in its environment alone, in two parts
 * as the plugin wants it. An interruption goes to Packer's whole process group: alone, its first process ignores it.
 * @throws PACKER_FAILED, INTERRUPTED
 */
export async function runPacker(run: PackerRun): Promise<number> {
  const folder = join(run.root, "packer");
  await packer(run, ["init", folder], initTimeoutMs);
  await packer(
    run,
    ["build", "-color=false", `-only=proxmox-${run.source}.nixos`, `-var-file=${run.variableFile}`, folder],
    buildTimeoutMs,
  );
  return readManifest(run.manifestFile);
}

async function packer(run: PackerRun, args: readonly string[], timeoutMs: number): Promise<void> {
  const { exitCode, isInterrupted, stdout, stderr } = await runCommand({
    file: "packer",
    args,
    cwd: run.root,
    env: packerEnvironment(run.access),
    timeoutMs,
    killAfterMs,
    interrupt: run.interrupt,
    onStdoutLine: run.say,
    onStderrLine: run.say,
  });
  if (isInterrupted || run.interrupt.aborted) throw interrupted();
  if (exitCode !== 0) throw failed(args[0] ?? "", `${stdout}\n${stderr}`);
}

function packerEnvironment({ endpoint, token, caFile }: ProxmoxAccess): Record<string, string> {
  const at = token.indexOf("=");
  return {
    PROXMOX_URL: `${endpoint}/api2/json`,
    PROXMOX_USERNAME: token.slice(0, at),
    PROXMOX_TOKEN: token.slice(at + 1),
    CHECKPOINT_DISABLE: "1",
    ...(caFile === undefined ? {} : { SSL_CERT_FILE: caFile }),
  };
}

async function readManifest(file: string): Promise<number> {
  const { builds = [] } = JSON.parse(await readFile(file, "utf8")) as {
    readonly builds?: readonly { readonly artifact_id?: string }[];
  };
  const vmId = Number(builds.at(-1)?.artifact_id);
  if (Number.isInteger(vmId) && vmId >= 100) return vmId;
  throw failed("build", "The manifest names no VMID.");
}

function interrupted(): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: "The build was interrupted; Packer was given the time to remove what it had made.",
    hint: "Run nixherd template build again; it says whether something was left behind.",
  });
}

/** Packer's own report of what went wrong comes last, and may have said more than once why. */
function failed(step: string, output: string): NixherdError {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /\berror\b|errored/i.test(line));
  const shown = (errors.length > 0 ? errors : lines).slice(-5);
  return new NixherdError("PACKER_FAILED", {
    message: [`packer ${step} failed:`, ...shown.map((line) => maskSecrets(line))].join("\n"),
    hint: "Correct what Packer names, then build again: a new try takes a VMID of its own.",
  });
}
