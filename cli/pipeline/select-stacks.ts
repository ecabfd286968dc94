import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { didYouMean } from "../../specs/did-you-mean.ts";
import { readStackConfiguration, type StackConfiguration } from "../../terraform/stack-configuration.ts";
import { outputFolder } from "./synthesize.ts";

/** A synthesised stack. */
export interface SelectedStack {
  readonly name: string;
  /** Absolute path of the folder that holds its cdk.tf.json. */
  readonly path: string;
  readonly configuration: StackConfiguration;
  /** VMIDs of the machines to work on; empty means everything. */
  readonly targets: readonly number[];
}

interface Selection {
  /** Names of stacks; empty means all. */
  readonly names: readonly string[];
  /** VMIDs of the machines to work on; empty means all. */
  readonly targets: readonly number[];
}

interface ManifestStack {
  readonly workingDirectory: string;
  /** Names of the stacks whose outputs it refers to. */
  readonly dependencies?: readonly string[];
}

interface Manifest {
  readonly stacks: Readonly<Record<string, ManifestStack>>;
}

/**
 * The stacks to work on, by name. With targets and without names: those whose specs describe a target.
 * @throws USAGE for an unknown stack or target, SYNTH_FAILED when cdktf.out cannot be read
 */
export async function selectStacks(root: string, { names, targets }: Selection): Promise<SelectedStack[]> {
  const folders = await readManifest(root);
  for (const name of names) refuseUnknown(name, [...folders.keys()]);
  const wanted = [...folders].filter(([name]) => names.length === 0 || names.includes(name));
  const stacks = await Promise.all(
    wanted.map(async ([name, path]) => ({
      name,
      path,
      targets,
      configuration: await readStackConfiguration(path),
    })),
  );
  if (targets.length === 0 || names.length > 0) return stacks;
  refuseHomeless(targets, stacks);
  return stacks.filter(({ configuration }) => targets.some((vmId) => configuration.machines.has(vmId)));
}

/**
 * The folders of the synthesised stacks by name, sorted.
 * @throws SYNTH_FAILED
 */
export async function readManifest(root: string): Promise<ReadonlyMap<string, string>> {
  const stacks = Object.entries(await manifestStacks(root)).map(
    ([name, { workingDirectory }]) => [name, join(root, outputFolder, workingDirectory)] as const,
  );
  return new Map(stacks.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * The stacks that each synthesised stack needs applied before it, by name, sorted.
 * @throws SYNTH_FAILED
 */
export async function stackDependencies(root: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const stacks = Object.entries(await manifestStacks(root));
  return new Map(stacks.map(([name, { dependencies = [] }]) => [name, dependencies.toSorted()]));
}

async function manifestStacks(root: string): Promise<Manifest["stacks"]> {
  const file = join(root, outputFolder, "manifest.json");
  try {
    return (JSON.parse(await readFile(file, "utf8")) as Manifest).stacks;
  } catch (cause) {
    throw new NixherdError("SYNTH_FAILED", {
      message: `${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      hint: "Run nixherd synth; the app of cdktf.json must write to CDKTF_OUTDIR.",
      cause,
    });
  }
}

function refuseUnknown(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new NixherdError("USAGE", {
    message: `There is no stack ${name}${didYouMean(name, known)}.`,
    hint: known.length === 0 ? "Write a first spec: nixherd new demo/web-1." : `Stacks: ${known.join(", ")}.`,
  });
}

function refuseHomeless(targets: readonly number[], stacks: readonly SelectedStack[]): void {
  const homeless = targets.filter(
    (vmId) => !stacks.some(({ configuration }) => configuration.machines.has(vmId)),
  );
  if (homeless.length === 0) return;
  throw new NixherdError("USAGE", {
    message: `No spec describes a machine with vmId ${homeless.join(", ")}.`,
    hint: "Correct --target; for a machine whose spec was removed, name its stack too.",
  });
}
