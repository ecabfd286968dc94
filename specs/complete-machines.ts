import type { Problem } from "../lib/problem.ts";
import { checkRules } from "./check-rules.ts";
import { fixedAddresses } from "./fixed-addresses.ts";
import type { Machine } from "./fleet.ts";
import { keyFiles } from "./key-files.ts";
import { siteFile } from "./list-spec-files.ts";
import type { DraftMachine } from "./read-stack.ts";
import { repositoryFiles } from "./repository-files.ts";
import { resolveMachine } from "./resolve-machine.ts";
import type { SiteSpec } from "./site-spec.ts";

interface Surroundings {
  /** Folder that paths in specs start from. */
  readonly root: string;
  readonly site: SiteSpec;
  /** False if `site` only stands in for a file that could not be read: what depends on it goes unchecked then. */
  readonly siteIsReadable: boolean;
  /** Names of all stacks, also of those without a readable machine. */
  readonly stacks: readonly string[];
}

interface Completion {
  readonly machines: readonly Machine[];
  readonly problems: readonly Problem[];
}

/** Resolves machines with what surrounds them and runs every rule. The machines are of use only if no problem is an error. */
export function completeMachines(drafts: readonly DraftMachine[], surroundings: Surroundings): Completion {
  const { root, site, siteIsReadable, stacks } = surroundings;
  const findFile = repositoryFiles(root);
  const readKeyFile = keyFiles(findFile);
  const machines = drafts.map((draft) => {
    const spec = resolveMachine(draft.filled, { file: draft.file, site, readKeyFile });
    return { ...draft, name: spec.name, spec, addresses: fixedAddresses(spec) };
  });
  const today = new Date().toISOString().slice(0, 10);
  const input = { machines, stacks, site, today, siteFile, findFile, readKeyFile };
  return {
    machines: machines.map(({ stack, name, file, spec }) => ({ stack, name, file, spec })),
    problems: checkRules(input, siteIsReadable),
  };
}
