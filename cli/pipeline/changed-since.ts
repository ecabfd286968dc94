import { NixherdError } from "../../lib/errors.ts";
import { readSynthesized } from "../../terraform/stack-configuration.ts";
import { touchedMachines } from "../../terraform/touched-machines.ts";
import type { PipelineContext } from "./context.ts";
import type { PreparedStack } from "./plan-stack.ts";
import { withRevision } from "./synthesize-revision.ts";

type Configuration = Readonly<Record<string, unknown>>;

/**
 * Narrows stacks down to those, and to the machines in them, whose synthesised configuration is not that of a git
 * revision: whatever the cause, a spec, a default, a module, a construct, a deletion. Stacks that only the revision has
 * are told. A revision that cannot be synthesised narrows nothing, and says so.
 * @throws USAGE when git does not know the revision
 */
export async function changedSince(
  revision: string,
  stacks: readonly PreparedStack[],
  context: PipelineContext,
): Promise<readonly PreparedStack[]> {
  const before = await readRevision(revision, context);
  if (before === undefined) return stacks;
  for (const name of before.keys()) {
    if (!stacks.some((stack) => stack.name === name))
      context.report({ event: "note", text: removedNote(name) });
  }
  const narrowed = await Promise.all(
    stacks.map(async (stack): Promise<PreparedStack[]> => {
      const touched = touchedMachines(before.get(stack.name), await readSynthesized(stack.path));
      if (touched === "nothing") return [];
      return [touched === "everything" ? stack : { ...stack, targets: touched }];
    }),
  );
  return narrowed.flat();
}

async function readRevision(
  revision: string,
  context: PipelineContext,
): Promise<ReadonlyMap<string, Configuration> | undefined> {
  try {
    return await withRevision(revision, context, async (folders) => {
      const read = [...folders].map(async ([name, path]) => [name, await readSynthesized(path)] as const);
      return new Map(await Promise.all(read));
    });
  } catch (error) {
    if (!(error instanceof NixherdError) || !["INVALID_INPUT", "SYNTH_FAILED"].includes(error.code))
      throw error;
    const text = `Revision ${revision} cannot be synthesised (${error.code}), so every stack is planned.`;
    context.report({ event: "note", text });
    return undefined;
  }
}

function removedNote(name: string): string {
  return `Stack ${name} was removed since then. Its machines go on running and stay in its state: nixherd destroy needs the folder back, if only with an empty _defaults.json.`;
}
