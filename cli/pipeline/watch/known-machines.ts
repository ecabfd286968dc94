import type { SynthesisedStack } from "../../../reconcile/watch/stack-turn.ts";
import { readStackConfiguration } from "../../../terraform/stack-configuration.ts";
import { readManifest } from "../select-stacks.ts";
import type { KnownMachine } from "./status-board.ts";

/** The machines of each stack by its configuration; none for a stack that has no configuration yet. */
export async function knownMachines(
  root: string,
  stacks: readonly SynthesisedStack[],
): Promise<ReadonlyMap<string, readonly KnownMachine[]>> {
  const isConfigured = stacks.some(({ digest }) => digest !== "");
  const folders = isConfigured ? await readManifest(root) : new Map<string, string>();
  const known = stacks.map(async ({ name }) => {
    const folder = folders.get(name);
    const machines = folder === undefined ? [] : (await readStackConfiguration(folder)).machines.values();
    return [name, [...machines].map((machine) => ({ vmId: machine.vmId, name: machine.name }))] as const;
  });
  return new Map(await Promise.all(known));
}
