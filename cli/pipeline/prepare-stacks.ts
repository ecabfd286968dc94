import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../../specs/fleet.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import { readSoundStacks } from "../../specs/read-sound-stacks.ts";
import { findBinary } from "../../terraform/find-binary.ts";
import { forgetMissingConfiguration } from "../../terraform/forget-missing-configuration.ts";
import type { PipelineContext } from "./context.ts";
import { findRemovedStacks } from "./find-removed-stacks.ts";
import type { PreparedStack } from "./plan-stack.ts";
import { selectStacks } from "./select-stacks.ts";
import { invalidInput, outputFolder, synthesize } from "./synthesize.ts";
import { type PreparedSystems, prepareSystems, unresolved } from "./systems/prepare-systems.ts";
import { tellWarnings } from "./tell-warnings.ts";
import { synthesizeSound } from "./watch/synthesize-sound.ts";

const embeddedNote = "Working on the embedded cluster, which is no real Proxmox VE.";

/**
 * Whether the stacks are synthesised: "always"; "if-missing", to work with an earlier synthesis where there is one; or
 * "sound", in which a stack with problems does not stop the others.
 */
export type SynthMode = "always" | "if-missing" | "sound";

interface PrepareRequest {
  readonly names: readonly string[];
  /** VMIDs. */
  readonly targets: readonly number[];
  readonly synth: SynthMode;
  /** Whether the machines' systems are built where they are built here, only evaluated, or (the default) left alone. */
  readonly systems?: "build" | "evaluate" | "skip";
  /** Stacks without a folder whose states are wanted, too. Defaults to none but those that are found. */
  readonly removedStacks?: readonly string[];
}

/**
 * Brings the machines' systems about, synthesises, selects the stacks and finds the program that works on them. A stack
 * with a machine whose system there is not carries the failure.
 * @throws INVALID_INPUT, SYNTH_FAILED, USAGE, TERRAFORM_MISSING, TERRAFORM_TOO_OLD and their like
 */
export async function prepareStacks(
  context: PipelineContext,
  request: PrepareRequest,
): Promise<PreparedStack[]> {
  if (process.env["NIXHERD_EMBEDDED"]) context.report({ event: "note", text: embeddedNote });
  const { fleet, failures } = await synthesizeAs(request, context);
  const stacks = await selectPrepared(context, request);
  return stacks.map((stack) => ({
    ...stack,
    failure: failures.get(stack.name),
    machines: fleet?.stacks.find(({ name }) => name === stack.name)?.machines ?? [],
  }));
}

/** Every stack of the last synthesis. */
export function allStacks(context: PipelineContext): Promise<PreparedStack[]> {
  return selectPrepared(context, { names: [], targets: [] });
}

async function selectPrepared(
  { root, interrupt, report }: PipelineContext,
  selection: Parameters<typeof selectStacks>[1],
): Promise<PreparedStack[]> {
  const stacks = await selectStacks(root, selection);
  const forgotten = forgetMissingConfiguration(process.env);
  if (forgotten !== undefined) report({ event: "note", text: forgotten });
  const binary = await findBinary({ root });
  return stacks.map((stack) => {
    const note = (text: string) => report({ event: "note", text: `${stack.name}: ${text}` });
    return { ...stack, folder: { binary, path: stack.path, interrupt, note }, machines: [] };
  });
}

interface Synthesised extends Pick<PreparedSystems, "failures"> {
  /** The specs that were read; undefined where they were not, or have problems. */
  readonly fleet: Fleet | undefined;
}

async function synthesizeAs(request: PrepareRequest, context: PipelineContext): Promise<Synthesised> {
  const { root, report } = context;
  const { systems = "skip", synth, names, removedStacks } = request;
  if (synth === "sound") return { fleet: await synthesizeWhatIsSound(names, context), failures: new Map() };
  const isThere = existsSync(join(root, outputFolder, "manifest.json"));
  const isWritten = synth === "always" || !isThere;
  const read = isWritten && systems !== "skip" ? readFleet(root) : undefined;
  // Problems are the synthesis' to tell, and a user's own app may do without specs.
  const fleet = read?.ok ? read.fleet : undefined;
  const told = read?.ok ? tellWarnings(read.warnings, report) : undefined;
  const { failures, isResolved } =
    fleet === undefined
      ? unresolved
      : await prepareSystems(fleet, { ...request, builds: systems === "build" }, context);
  if (isWritten) await synthesizeAndTell(context, { isResolved, told, removedStacks });
  return { fleet, failures };
}

/**
 * Tells the problems of all stacks, and minds those of the stacks that are wanted.
 * @throws INVALID_INPUT when one of these has problems
 */
async function synthesizeWhatIsSound(names: readonly string[], context: PipelineContext): Promise<Fleet> {
  const { root, interrupt, report } = context;
  const startedAtMs = performance.now();
  const onLine = (text: string): void => report({ event: "note", text });
  const { stacks, problems } = await synthesizeSound(root, { interrupt, report, onLine });
  for (const problem of problems) report({ event: "problem", problem });
  const unsound = stacks.filter(({ name, isSound }) => !isSound && names.includes(name));
  if (unsound.length > 0 || stacks.length === 0) throw invalidInput();
  report({ event: "synth", durationMs: Math.round(performance.now() - startedAtMs) });
  return readSoundStacks(root).fleet;
}

interface Telling {
  /** The systems were prepared just now. */
  readonly isResolved?: boolean;
  /** Lines of the app that were told already. */
  readonly told?: ReadonlySet<string> | undefined;
  /** Stacks without a folder to write besides those that are found. */
  readonly removedStacks?: readonly string[] | undefined;
}

/** Synthesises, hands on what the app prints and tells how long it took. */
export async function synthesizeAndTell(
  context: PipelineContext,
  { isResolved = false, told = new Set(), removedStacks: further = [] }: Telling = {},
): Promise<void> {
  const { root, interrupt, report } = context;
  const startedAtMs = performance.now();
  const found = await findRemovedStacks(root);
  const removedStacks = [...new Set([...found, ...further])];
  for (const name of found) {
    report({ event: "note", text: `Stack ${name} has no folder any more; its state still knows machines.` });
  }
  const onLine = (text: string): void => {
    if (!told.has(text)) report({ event: "note", text });
  };
  await synthesize({ root, interrupt, removedStacks, isResolved, onLine });
  report({ event: "synth", durationMs: Math.round(performance.now() - startedAtMs) });
}
