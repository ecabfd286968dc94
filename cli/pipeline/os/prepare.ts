import { join } from "node:path";
import { readSystemDiff } from "../../../guests/read-closures.ts";
import { askScript } from "../../../guests/run-script.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";
import type { PipelineContext } from "../context.ts";
import { refuseLeftAlone } from "./activate.ts";
import type { OsAction } from "./on-machines.ts";
import type { Reach } from "./reach.ts";
import { runHook } from "./run-hook.ts";

/** Builds with the hook's own steps and stops before the activation. */
const preparation = join(import.meta.dirname, "../../../guests/prepare-system.sh");

const dryActivationTimeoutMs = 120_000;

/**
 * Builds the spec's system and brings it into the machine's store; gives its store path.
 * @throws USAGE, HOOK_FAILED and the codes of `hookFailure`
 */
export async function prepareSystem(
  machine: Machine,
  reach: Reach,
  context: PipelineContext,
  overrides: Readonly<Record<string, string>> = {},
): Promise<string> {
  refuseLeftAlone(machine);
  const lines = await runHook(machine, { script: preparation, overrides }, reach, context);
  const system = lines.at(-1)?.replace(/^system=/, "");
  if (system?.startsWith("/nix/store/")) return system;
  throw new NixherdError("HOOK_FAILED", {
    message: `The build for ${machine.name} (${machine.spec.vmId}) told no store path.`,
    hint: "Read its lines above.",
  });
}

/** `nixherd os build`: the system in the machine's store, and no more. */
export function buildAction(reach: Reach, context: PipelineContext, parallel: number): OsAction<"build"> {
  return {
    name: "build",
    parallel,
    work: async (machine) => ({ result: { system: await prepareSystem(machine, reach, context) } }),
  };
}

/** `nixherd os dry-activate`: what the activation would do, in the machine's own words. */
export function dryActivateAction(
  reach: Reach,
  context: PipelineContext,
  parallel: number,
): OsAction<"dry-activate"> {
  return {
    name: "dry-activate",
    parallel,
    async work(machine) {
      const system = await prepareSystem(machine, reach, context);
      const call = { words: ["dry_activate", system], isRoot: true, timeoutMs: dryActivationTimeoutMs };
      const text = await reach.withGuest(machine, (connection) => askScript(connection, call));
      return { result: { system, plan: text.trim() === "" ? [] : text.trimEnd().split("\n") } };
    },
  };
}

/** `nixherd os diff`: the packages in which the running system and the spec's differ. `flakeOf` says where the flake is, if not where the spec has it. */
export function diffAction(
  reach: Reach,
  context: PipelineContext,
  parallel: number,
  flakeOf?: (machine: Machine) => string,
): OsAction<"diff"> {
  return {
    name: "diff",
    parallel,
    async work(machine) {
      const overrides = flakeOf === undefined ? {} : { NIXHERD_FLAKE: flakeOf(machine) };
      const system = await prepareSystem(machine, reach, context, overrides);
      return {
        result: await reach.withGuest(machine, (connection) => readSystemDiff(connection, system)),
      };
    },
  };
}
