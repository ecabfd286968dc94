import type { Parameters } from "../../api/api-client.ts";
import { deletion } from "../../api/deletion.ts";

/** The parameters of a configuration change while they are gathered. */
export interface RequestBody {
  readonly values: Map<string, string>;
  /** Keys to remove, in the order of the request. */
  readonly removed: string[];
}

/** A request that changes nothing yet. */
export function emptyBody(): RequestBody {
  return { values: new Map(), removed: [] };
}

/** The request's parameters; undefined when nothing changes. */
export function bodyParameters({ values, removed }: RequestBody): Parameters | undefined {
  if (values.size === 0 && removed.length === 0) return undefined;
  return { ...Object.fromEntries(values), ...deletion(removed) };
}

/** The names of numbered slots from `first` up to and without `end`: net1, net2, ... */
export function slots(prefix: string, first: number, end: number): readonly string[] {
  return Array.from({ length: Math.max(end - first, 0) }, (_, index) => `${prefix}${first + index}`);
}
