import { NixherdError } from "../../../lib/errors.ts";
import type { Fleet, Machine } from "../../../specs/fleet.ts";
import { readFleet } from "../../../specs/read-fleet.ts";

/**
 * The machine that a VMID, a name or `<stack>/<name>` means.
 * @throws INVALID_INPUT while specs have problems, USAGE when no spec describes it
 */
export function findDescribed(root: string, wanted: string): Machine {
  const machines = readSoundFleet(root).stacks.flatMap((stack) => stack.machines);
  const found = machines.find(({ stack, name, spec }) =>
    [String(spec.vmId), name, `${stack}/${name}`].includes(wanted),
  );
  if (found !== undefined) return found;
  throw new NixherdError("USAGE", {
    message: `No spec describes a machine ${wanted}.`,
    hint: "Name it as its spec does, or by its VMID; nixherd validate checks the specs.",
  });
}

/**
 * The fleet, if nothing is wrong with it.
 * @throws INVALID_INPUT
 */
export function readSoundFleet(root: string): Fleet {
  const result = readFleet(root);
  if (result.ok) return result.fleet;
  throw new NixherdError("INVALID_INPUT", {
    message: "The specs have problems, so nothing was done.",
    hint: "Correct what nixherd validate lists.",
  });
}
