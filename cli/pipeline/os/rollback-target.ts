import type { Generation } from "../../../guests/read-generations.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";

/**
 * The generation to return to: the one that was asked for, else the youngest before the current one whose system is
 * another.
 * @throws GENERATION_MISSING
 */
export function rollbackTarget(
  { name, spec }: Machine,
  generations: readonly Generation[],
  asked: number | undefined,
): Generation {
  const current = generations.find(({ isCurrent }) => isCurrent);
  const target =
    asked === undefined
      ? generations.findLast(
          ({ number, system }) => number < (current?.number ?? 0) && system !== current?.system,
        )
      : generations.find(({ number }) => number === asked);
  if (target !== undefined) return target;
  const numbers = generations.map(({ number }) => number).join(", ");
  throw new NixherdError("GENERATION_MISSING", {
    message:
      asked === undefined
        ? `${name} (${spec.vmId}) has no generation before ${current?.number ?? "its current one"} to return to.`
        : `${name} (${spec.vmId}) has no generation ${asked}.`,
    hint: `It has ${numbers || "none"}: nixherd os generations ${name}.`,
  });
}
