import { readGenerations } from "../../../guests/read-generations.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";
import type { PipelineContext } from "../context.ts";
import type { OsAction, Outcome } from "./on-machines.ts";
import type { ActivationResult } from "./os-events.ts";
import type { Reach } from "./reach.ts";
import { rollbackTarget } from "./rollback-target.ts";
import { activationHook, readHookResult, runHook } from "./run-hook.ts";

/** What the activation hook can do with a system. */
export type HookAction = "switch" | "test" | "boot";

export interface ActivationOptions {
  readonly parallel: number;
  /** Leave the spec's health checks out: for systems that they do not fit. */
  readonly skipsHealth: boolean;
}

/** `nixherd os switch`, `test`, `boot`, and the last step of `upgrade`: the spec's system, built now. */
export function activationAction<Name extends HookAction | "upgrade">(
  name: Name,
  reach: Reach,
  context: PipelineContext,
  options: ActivationOptions,
): OsAction<HookAction | "upgrade"> {
  const overrides = {
    NIXHERD_ACTION: name === "upgrade" ? "switch" : name,
    ...healthOverride(options),
  };
  return {
    name,
    parallel: options.parallel,
    work: (machine) => activate(machine, overrides, reach, context),
  };
}

/** `nixherd os rollback`: a system that the machine had before becomes the one that it runs and boots. */
export function rollbackAction(
  reach: Reach,
  context: PipelineContext,
  options: ActivationOptions & { readonly to: number | undefined },
): OsAction<"rollback"> {
  return {
    name: "rollback",
    parallel: options.parallel,
    async work(machine, tell) {
      const generations = await reach.withGuest(machine, readGenerations);
      const target = rollbackTarget(machine, generations, options.to);
      tell(`returning to generation ${target.number}`);
      const overrides = {
        NIXHERD_ACTION: "switch",
        NIXHERD_ACTIVATION: "confirmed",
        NIXHERD_SYSTEM: target.system,
        // The machine has it already: nothing is to be built or copied.
        NIXHERD_BUILD_ON: "target",
        ...healthOverride(options),
      };
      return activate(machine, overrides, reach, context);
    },
  };
}

function healthOverride({ skipsHealth }: ActivationOptions): Readonly<Record<string, string>> {
  return skipsHealth ? { NIXHERD_HEALTH: "[]" } : {};
}

/**
 * Runs the activation hook and reads back what it found. A system that is active although something failed is told
 * together with the failure.
 * @throws USAGE for a machine whose inside is left alone
 */
async function activate(
  machine: Machine,
  overrides: Readonly<Record<string, string>>,
  reach: Reach,
  context: PipelineContext,
): Promise<Outcome<ActivationResult>> {
  refuseLeftAlone(machine);
  const beganAtMs = Date.now();
  const problem = await runHook(machine, { script: activationHook, overrides }, reach, context).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof NixherdError) return error;
      throw error;
    },
  );
  const written = await readHookResult(context.root, machine, beganAtMs);
  const result = {
    system: written?.system ?? "",
    running: written?.running ?? "",
    generation: written?.generation ?? null,
  };
  return { result, problem };
}

/** @throws USAGE */
export function refuseLeftAlone({ name, spec }: Machine): void {
  if (spec.nixos !== false) return;
  throw new NixherdError("USAGE", {
    message: `The spec of ${name} (${spec.vmId}) leaves its inside alone (nixos is false).`,
    hint: "Select other machines, or give its spec a nixos part.",
  });
}
