import type { ErrorObject } from "ajv";
import { didYouMean } from "./did-you-mean.ts";
import { isJsonObject } from "./json.ts";

interface Branch {
  readonly type?: string;
  readonly const?: unknown;
  readonly required?: readonly string[];
}

/**
 * Leaves of a failed anyOf only what concerns the branch that was meant: the one that fits the value's type and, among objects, has
 * most of its required keys there. Where none was meant the anyOf error alone stays. Needs ajv's allErrors and verbose.
 */
export function foldUnions(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors
    .filter(({ keyword }) => keyword === "anyOf")
    .toSorted((a, b) => a.instancePath.length - b.instancePath.length);
  return unions.reduce<ErrorObject[]>(foldUnion, [...errors]);
}

function foldUnion(errors: ErrorObject[], union: ErrorObject): ErrorObject[] {
  if (!errors.includes(union)) return errors;
  const meant = meantBranch(union.schema as readonly Branch[], union.data);
  const isWithin = (error: ErrorObject, prefix: string) =>
    error.schemaPath.startsWith(prefix) && isSameOrBelow(error.instancePath, union.instancePath);
  return errors.filter((error) => {
    if (error === union) return meant === undefined;
    if (!isWithin(error, `${union.schemaPath}/`)) return true;
    return meant !== undefined && isWithin(error, `${union.schemaPath}/${meant}/`);
  });
}

function isSameOrBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

function meantBranch(branches: readonly Branch[], value: unknown): number | undefined {
  const fitting = branches
    .map(({ required = [], ...branch }, index) => ({ ...branch, required, index }))
    .filter((branch) => branch.type === jsonType(value) && (branch.const ?? value) === value);
  if (!isJsonObject(value) || fitting.length === 1)
    return fitting.length === 1 ? fitting[0]?.index : undefined;
  const keys = Object.keys(value);
  const scored = fitting.map(({ index, required }) => ({ index, score: likeness(keys, required) }));
  const [best, next] = scored.toSorted((a, b) => b.score - a.score);
  return best !== undefined && best.score > (next?.score ?? 0) ? best.index : undefined;
}

function likeness(keys: readonly string[], required: readonly string[]): number {
  const exact = required.filter((key) => keys.includes(key)).length;
  const close = keys.filter((key) => didYouMean(key, required) !== "").length;
  return exact * keys.length + close;
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
