import { NixherdError } from "../lib/errors.ts";
import { formatProblem, type Problem } from "../lib/problem.ts";
import { completeMachines } from "./complete-machines.ts";
import type { JsonObject } from "./json.ts";
import { fillSite } from "./read-site.ts";
import { draftMachine } from "./read-stack.ts";
import type { WrittenSiteSpec } from "./site-spec.ts";
import type { VmSpec, WrittenVmSpec } from "./vm-spec.ts";

/** What a spec that stands in TypeScript is completed with. */
export interface CompletionContext {
  /** What problems name as the file; also the machine's name where the spec has none. */
  readonly id: string;
  /** Folder that paths in the spec start from. */
  readonly root: string;
  /** The part of a site file that the machine needs. */
  readonly site: WrittenSiteSpec;
}

/**
 * Completes one machine that is written in TypeScript instead of a file: the same defaults, the same rules.
 *
 * @throws NixherdError INVALID_INPUT with every problem in its message.
 */
export function completeVmSpec(written: WrittenVmSpec, { id, root, site }: CompletionContext): VmSpec {
  const layers = [{ file: id, value: written as unknown as JsonObject }];
  const drafted = draftMachine("", id, layers);
  if ("problems" in drafted) throw refusal(drafted.problems);
  const surroundings = { root, site: fillSite(site as JsonObject), siteIsReadable: true, stacks: [] };
  const { machines, problems } = completeMachines([drafted.machine], surroundings);
  const errors = problems.filter(({ severity }) => severity === "error");
  const [machine] = machines;
  if (machine === undefined || errors.length > 0) throw refusal(errors);
  return machine.spec;
}

function refusal(problems: readonly Problem[]): NixherdError {
  return new NixherdError("INVALID_INPUT", {
    message: problems.map(formatProblem).join("\n"),
    hint: "Correct the properties of this machine.",
  });
}
