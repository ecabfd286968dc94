import { createHash } from "node:crypto";
import type { PlanJson } from "../terraform/show.ts";

/**
 * A SHA-256 (hex) of everything that an apply of the plan would do: which resources, how, to which values. Two plans
 * made at different times are equal in it when they would do the same. Values go into the hash only.
 */
export function planDigest({ resource_changes = [], output_changes = {} }: PlanJson): string {
  const changes = resource_changes
    .filter(({ mode, change }) => mode === "managed" && change.actions.join() !== "no-op")
    .map(({ address, change: { actions, after, after_unknown, replace_paths } }) => [
      address,
      actions,
      after,
      after_unknown,
      replace_paths ?? [],
    ]);
  const outputs = Object.entries(output_changes).filter(([, { actions }]) => actions.join() !== "no-op");
  const text = JSON.stringify(
    [changes, outputs.map(([name, { actions }]) => [name, actions])],
    withSortedKeys,
  );
  return createHash("sha256").update(text).digest("hex");
}

/** Terraform sorts keys, OpenTofu does, too; neither promises it. */
function withSortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
