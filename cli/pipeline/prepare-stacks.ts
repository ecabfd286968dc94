import { existsSync } from "node:fs";
import { join } from "node:path";
import { readFleet } from "../../specs/read-fleet.ts";
import { findBinary } from "../../terraform/find-binary.ts";
import type { PipelineContext } from "./context.ts";
import { findRemovedStacks } from "./find-removed-stacks.ts";
import type { PreparedStack } from "./plan-stack.ts";
import { selectStacks } from "./select-stacks.ts";
import { outputFolder, synthesize } from "./synthesize.ts";
import {
  type PreparedSystems,
  prepareSystems,
  type SystemsRequest,
  unresolved,
} from "./systems/prepare-systems.ts";

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
  const { failures, isResolved } =
    systems === "skip" ? unresolved : await systemsFor({ ...request, builds: systems === "build" }, context);
  if (synth === "always" || !isThere) await synthesizeAndTell(context, isResolved);
  const stacks = await selectStacks(root, request);
  const binary = await findBinary({ root });
  return stacks.map((stack) => ({
    ...stack,
    folder: { binary, path: stack.path, interrupt },
    failure: failures.get(stack.name),
  }));
}

/** Specs with problems are the synthesis' to tell, and a user's own app may do without specs. */
async function systemsFor(request: SystemsRequest, context: PipelineContext): Promise<PreparedSystems> {
  const read = readFleet(context.root);
  return read.ok ? prepareSystems(read.fleet, request, context) : unresolved;
}

/** Synthesises, hands on what the app prints and tells how long it took. `isResolved`: after the systems were prepared. */
export async function synthesizeAndTell(context: PipelineContext, isResolved = false): Promise<void> {
  const { root, interrupt, report } = context;
  const startedAtMs = performance.now();
  const removedStacks = await findRemovedStacks(root);
  for (const name of removedStacks) {
    report({ event: "note", text: `Stack ${name} has no folder any more; its state still knows machines.` });
  }
  const onLine = (text: string): void => report({ event: "note", text });
  await synthesize({ root, interrupt, removedStacks, isResolved, onLine });
  report({ event: "synth", durationMs: Math.round(performance.now() - startedAtMs) });
}
