import { NixherdError } from "../../../lib/errors.ts";
import type { Fleet } from "../../../specs/fleet.ts";
import type { SiteSpec } from "../../../specs/site-spec.ts";
import type { PipelineContext } from "../context.ts";
import type { SystemFailure } from "./resolve-flake.ts";
import { resolveSystems } from "./resolve-systems.ts";

/** Which machines' systems are needed, and how far they are brought. */
export interface SystemsRequest {
  /** Names of stacks; empty means all. */
  readonly names: readonly string[];
  /** VMIDs; empty means all. */
  readonly targets: readonly number[];
  /** Build what is built here; otherwise it is only evaluated. */
  readonly builds: boolean;
}

/** Whether the synthesis that follows finds systems, and which stacks lack one. */
export interface PreparedSystems {
  readonly isResolved: boolean;
  /** By stack. */
  readonly failures: ReadonlyMap<string, NixherdError>;
}

/** What a command does that does not need to know systems. */
export const unresolved: PreparedSystems = { isResolved: false, failures: new Map() };

/** Are systems evaluated at all? The embedded cluster's machines run none of Nix, and the site file may say no. */
export function evaluatesSystems({ nixos }: Pick<SiteSpec, "nixos">): boolean {
  return !process.env["NIXHERD_EMBEDDED"] && nixos.resolve;
}

/**
 * Evaluates and builds the systems of the selected machines before a synthesis, and tells how long it took.
 * @throws INTERRUPTED, COMMAND_TIMED_OUT
 */
export async function prepareSystems(
  { site, stacks }: Fleet,
  { names, targets, builds }: SystemsRequest,
  { root, interrupt, report }: PipelineContext,
): Promise<PreparedSystems> {
  if (!evaluatesSystems(site)) return unresolved;
  const startedAtMs = performance.now();
  const selected = stacks.filter(({ name }) => names.length === 0 || names.includes(name));
  const machines = selected
    .flatMap((stack) => stack.machines)
    .filter(({ spec }) => targets.length === 0 || targets.includes(spec.vmId));
  const onNote = (text: string): void => report({ event: "note", text });
  const { failures, ...counts } = await resolveSystems({ root, interrupt, machines, builds, onNote });
  const durationMs = Math.round(performance.now() - startedAtMs);
  if (counts.evaluatedCount + counts.builtCount > 0) report({ event: "systems", durationMs, ...counts });
  const byStack = Map.groupBy(failures, ({ machine }) => machine.stack);
  return {
    isResolved: true,
    failures: new Map([...byStack].map(([stack, failed]) => [stack, failureOf(failed)])),
  };
}

/** One error for a stack; that of each further machine comes along in its cause. */
function failureOf(failures: readonly SystemFailure[]): NixherdError {
  const [first, ...others] = failures.map(({ machine: { name, spec }, error }) => {
    const { code, message, hint } = error;
    return { code, details: { message: `${name} (${spec.vmId}): ${message}`, hint } };
  });
  if (first === undefined) throw new Error("no failure to tell");
  const further = others.map(({ code, details }) => new NixherdError(code, details));
  return new NixherdError(first.code, { ...first.details, cause: new AggregateError(further) });
}
