import { existsSync } from "node:fs";
import { join } from "node:path";
import { findBinary } from "../../terraform/find-binary.ts";
import type { PipelineContext } from "./context.ts";
import { findRemovedStacks } from "./find-removed-stacks.ts";
import type { PreparedStack } from "./plan-stack.ts";
import { selectStacks } from "./select-stacks.ts";
import { outputFolder, synthesize } from "./synthesize.ts";

const embeddedNote = "Working on the embedded cluster, which is no real Proxmox VE.";

interface PrepareRequest {
  readonly names: readonly string[];
  /** VMIDs. */
  readonly targets: readonly number[];
  /** "if-missing" works with an earlier synthesis where there is one. */
  readonly synth: "always" | "if-missing";
}

/**
 * Synthesises, selects the stacks and finds the program that works on them.
 * @throws INVALID_INPUT, SYNTH_FAILED, USAGE, TERRAFORM_MISSING, TERRAFORM_TOO_OLD and their like
 */
export async function prepareStacks(
  context: PipelineContext,
  request: PrepareRequest,
): Promise<PreparedStack[]> {
  const { root, interrupt, report } = context;
  if (process.env["NIXHERD_EMBEDDED"]) report({ event: "note", text: embeddedNote });
  const isThere = existsSync(join(root, outputFolder, "manifest.json"));
  if (request.synth === "always" || !isThere) await synthesizeAndTell(context);
  const stacks = await selectStacks(root, request);
  const binary = await findBinary({ root });
  return stacks.map((stack) => ({ ...stack, folder: { binary, path: stack.path, interrupt } }));
}

/** Synthesises, hands on what the app prints and tells how long it took. */
export async function synthesizeAndTell({ root, interrupt, report }: PipelineContext): Promise<void> {
  const startedAtMs = performance.now();
  const removedStacks = await findRemovedStacks(root);
  for (const name of removedStacks) {
    report({ event: "note", text: `Stack ${name} has no folder any more; its state still knows machines.` });
  }
  await synthesize({ root, interrupt, removedStacks, onLine: (text) => report({ event: "note", text }) });
  report({ event: "synth", durationMs: Math.round(performance.now() - startedAtMs) });
}
