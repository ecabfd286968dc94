import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { findBinary } from "../../terraform/find-binary.ts";
import type { TerraformFolder } from "../../terraform/run-terraform.ts";

const repositoryRoot = join(import.meta.dirname, "..", "..");

/** A configuration with a local state, or a part of one. */
export type Configuration = Readonly<Record<string, unknown>>;

/** An empty folder that is removed after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nixherd-terraform-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A stack's folder with this configuration and the OpenTofu or Terraform of this machine. */
export async function makeStack(configuration: Configuration): Promise<TerraformFolder> {
  const folder = { binary: await findBinary({ root: repositoryRoot }), path: await makeFolder() };
  await writeConfiguration(folder, configuration);
  return folder;
}

/** Replaces the configuration of a stack's folder; its state is `terraform.tfstate` in it. */
export async function writeConfiguration(
  folder: TerraformFolder,
  configuration: Configuration,
): Promise<void> {
  const whole = { terraform: { backend: { local: { path: "terraform.tfstate" } } }, ...configuration };
  await writeFile(join(folder.path, "cdk.tf.json"), JSON.stringify(whole));
}

/** `terraform_data` resources by name. */
export function terraformData(resources: Readonly<Record<string, unknown>>): Configuration {
  return { resource: { terraform_data: resources } };
}

/** A provisioner that runs a shell command after its resource was made. */
export function localExec(command: string): object {
  return { provisioner: [{ "local-exec": { command } }] };
}

/** An expression in JSON configuration. */
export function reference(expression: string): string {
  return `\${${expression}}`;
}
