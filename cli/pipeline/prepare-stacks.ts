import { existsSync } from "node:fs";
import { join } from "node:path";
import { readFleet } from "../../specs/read-fleet.ts";
import { findBinary } from "../../terraform/find-binary.ts";
import type { PipelineContext } from "./context.ts";
import { findRemovedStacks } from "./find-removed-stacks.ts";
import type { PreparedStack } from "./plan-stack.ts";
import { selectStacks } from "./select-stacks.ts";
import { outputFolder, synthesize } from "./synthesize.ts";
import { prepareSystems, unresolved } from "./systems/prepare-systems.ts";
import { tellWarnings } from "./tell-warnings.ts";

const embeddedNote = "Working on the embedded cluster, which is no real Proxmox VE.";

interface PrepareRequest {
  readonly names: readonly string[];
  /** VMIDs. */
  readonly targets: readonly number[];
  /** "if-missing" works with an earlier synthesis where there is one. */
  readonly synth: "always" | "if-missing";
  /** Whether the machines' systems are built where they are built here, only evaluated, or (the default) left alone. */
  readonly systems?: "build" | "evaluate" | "skip";
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
  const { root, interrupt, report } = context;
  const { systems = "skip", synth } = request;
  if (process.env["NIXHERD_EMBEDDED"]) report({ event: "note", text: embeddedNote });
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
  if (isWritten) await synthesizeAndTell(context, { isResolved, told });
  const stacks = await selectStacks(root, request);
  const binary = await findBinary({ root });
  return stacks.map((stack) => ({
    ...stack,
    folder: { binary, path: stack.path, interrupt },
    failure: failures.get(stack.name),
    machines: fleet?.stacks.find(({ name }) => name === stack.name)?.machines ?? [],
  }));
}

interface Telling {
  /** The systems were prepared just now. */
  readonly isResolved?: boolean;
  /** Lines of the app that were told already. */
  readonly told?: ReadonlySet<string> | undefined;
}

/** Synthesises, hands on what the app prints and tells how long it took. */
export async function synthesizeAndTell(
  context: PipelineContext,
  { isResolved = false, told = new Set() }: Telling = {},
): Promise<void> {
  const { root, interrupt, report } = context;
  const startedAtMs = performance.now();
  const removedStacks = await findRemovedStacks(root);
  for (const name of removedStacks) {
    report({ event: "note", text: `Stack ${name} has no folder any more; its state still knows machines.` });
  }
  const onLine = (text: string): void => {
    if (!told.has(text)) report({ event: "note", text });
  };
  await synthesize({ root, interrupt, removedStacks, isResolved, onLine });
  report({ event: "synth", durationMs: Math.round(performance.now() - startedAtMs) });
}
