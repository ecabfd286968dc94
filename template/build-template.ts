import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { runCommand } from "../lib/run-command.ts";
import { type ClusterTemplate, listTemplates, readTemplate } from "./cluster-template.ts";
import { findLeftovers, forgetAttempts, noteAttempt } from "./leftovers.ts";
import type { MadeTemplate, MakeContext } from "./make-context.ts";
import { makeKey } from "./make-key.ts";
import {
  needsOfBase,
  needsOfInstaller,
  needsOfTemplate,
  needsOfVerification,
  refuseMissingPrivileges,
} from "./missing-privileges.ts";
import { findPacker } from "./packer/find-packer.ts";
import { packerVariables } from "./packer/packer-variables.ts";
import { runPacker } from "./packer/run-packer.ts";
import { type PlannedVersion, planVersion } from "./plan-version.ts";

/** Where a build starts: a template on the cluster, or the installer. */
export type BuildSource = "image" | "installer";

/**
 * Builds the next version of the template with Packer. What would fail after minutes is checked before.
 * @throws PACKER_MISSING, USAGE, TEMPLATE_MISSING, NO_PERMISSION, PACKER_FAILED, INTERRUPTED
 */
export async function buildTemplate(context: MakeContext, source: BuildSource): Promise<MadeTemplate> {
  const { root, build, changes, say } = context;
  const nixpkgsRevision = checkSettings(context, source);
  const packer = await findPacker(root);
  if (source === "image") await checkBase(context);
  const version = await planVersion(changes, { ...context, templates: context.catalogue });
  await checkPrivileges(context, source, version);
  say(`building ${version.name} (${version.vmId}) with ${packer}`);
  const created = new Date().toISOString();
  const origin = { release: build.release, revision: await revisionOf(root), nixpkgsRevision, created };
  const template = await runBuild(context, source, { ...version, ...origin });
  return { template, origin };
}

/** What a build from that source cannot do without. */
function checkSettings({ build }: MakeContext, source: BuildSource): string {
  const { nixpkgsRevision, baseVmId, iso } = build;
  if (nixpkgsRevision === undefined) throw unset("nixpkgsRevision");
  if (source === "image" && baseVmId === undefined) throw unset("baseVmId");
  if (source === "installer" && iso === undefined) throw unset("iso");
  return nixpkgsRevision;
}

function unset(key: string): NixherdError {
  return new NixherdError("USAGE", {
    message: `templateBuild.${key} is not set in vm-specs/_site.json.`,
    hint: "docs/template.md says what a build needs.",
  });
}

/** Packer takes a plain machine as base without a word, and keeps the base's firmware. */
async function checkBase({ build, changes }: MakeContext): Promise<void> {
  const base = (await listTemplates(changes)).find(({ vmId }) => vmId === build.baseVmId);
  if (base === undefined) throw wrongBase(`${build.baseVmId} is no template that this token may see.`);
  if (base.node !== build.node) throw wrongBase(`it lies on node ${base.node}, not on ${build.node}.`);
  if (base.firmware !== build.firmware) throw wrongBase(`it has ${base.firmware}, not ${build.firmware}.`);
}

function wrongBase(reason: string): NixherdError {
  return new NixherdError("TEMPLATE_MISSING", {
    message: `The base of the build (templateBuild.baseVmId) cannot be used: ${reason}`,
    hint: "Make one with scripts/import-cloud-image.sh, or correct templateBuild in vm-specs/_site.json.",
  });
}

async function checkPrivileges(
  { build, changes }: MakeContext,
  source: BuildSource,
  { vmId }: PlannedVersion,
): Promise<void> {
  const planned = { ...build, vmId };
  await refuseMissingPrivileges(changes, [
    ...needsOfTemplate(planned),
    ...needsOfVerification(vmId),
    ...(source === "installer" ? needsOfInstaller(planned) : needsOfBase(build.baseVmId ?? 0)),
  ]);
}

interface Build extends PlannedVersion {
  readonly revision: string;
  readonly nixpkgsRevision: string;
  readonly created: string;
}

async function runBuild(context: MakeContext, source: BuildSource, values: Build): Promise<ClusterTemplate> {
  const { root, build, access, changes } = context;
  const folder = await mkdtemp(join(tmpdir(), "nixherd-packer-"));
  try {
    const files = {
      variableFile: join(folder, "build.pkrvars.json"),
      manifestFile: join(folder, "manifest.json"),
    };
    // The installer has no cloud-init to be given a key by.
    const key = source === "installer" ? { key: await makeKey(folder, "nixherd-build") } : {};
    const variables = packerVariables(build, { ...values, ...files, ...key, isInsecure: access.isInsecure });
    await writeFile(files.variableFile, JSON.stringify(variables));
    await noteAttempt(root, values);
    const packerSource = source === "image" ? "clone" : "iso";
    const vmId = await runPacker({ ...context, ...files, source: packerSource }).catch(
      async (error: unknown) => {
        await tellLeftovers(context);
        throw error;
      },
    );
    await forgetAttempts(root);
    return await readTemplate(changes, { vmId, node: build.node, name: values.name });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Says what a failed build left; when nothing is left, there is nothing to remember. */
async function tellLeftovers({ root, changes, say }: MakeContext): Promise<void> {
  try {
    const left = await findLeftovers(root, changes);
    if (left.length === 0) await forgetAttempts(root);
    for (const { vmId, name, node } of left) {
      say(
        `left behind: ${name} (${vmId}) on node ${node}; nixherd template build --remove-leftovers removes it`,
      );
    }
  } catch (error) {
    // The build's own failure is the one to be heard of; the next build looks again.
    say(`nobody could look for what the build left: ${error instanceof Error ? error.message : error}`);
  }
}

async function revisionOf(root: string): Promise<string> {
  try {
    const { exitCode, stdout } = await runCommand({
      file: "git",
      args: ["rev-parse", "HEAD"],
      cwd: root,
      timeoutMs: 30_000,
    });
    return exitCode === 0 ? stdout.trim() : "unknown";
  } catch (error) {
    if (error instanceof NixherdError && error.code === "COMMAND_NOT_STARTED") return "unknown";
    throw error;
  }
}
