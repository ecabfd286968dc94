import { NixherdError } from "../../../lib/errors.ts";
import { rememberedStacks } from "../../../reconcile/watch/stack-memory.ts";
import { didYouMean } from "../../../specs/did-you-mean.ts";
import { listSpecFiles } from "../../../specs/list-spec-files.ts";
import { findRemovedStacks } from "../find-removed-stacks.ts";

/**
 * Refuses a name that is neither a folder of vm-specs/ nor a stack of which something is left.
 * @throws USAGE
 */
export async function refuseUnknownStack(root: string, name: string): Promise<void> {
  const written = listSpecFiles(root).stacks.map((stack) => stack.name);
  const known = [...written, ...(await findRemovedStacks(root)), ...(await rememberedStacks(root))];
  if (known.includes(name)) return;
  throw new NixherdError("USAGE", {
    message: `There is no stack ${name}${didYouMean(name, known)}.`,
    hint: written.length === 0 ? "vm-specs/ has no stack yet." : `Stacks: ${written.join(", ")}.`,
  });
}
