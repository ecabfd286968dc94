import type { Problem } from "../lib/problem.ts";
import { fillDefaults } from "./fill-defaults.ts";
import type { JsonObject } from "./json.ts";
import { type Layer, mergeLayers, placeInLayers } from "./layers.ts";
import type { StackFiles } from "./list-spec-files.ts";
import vmSpecSchema from "./merged-vm-spec.schema.json" with { type: "json" };
import { type Document, readDocument } from "./read-document.ts";
import { schemaCheck } from "./schema-check.ts";
import type { FilledVmSpec } from "./vm-spec.ts";

/** A machine whose files are readable and fit the schema. */
export interface DraftMachine {
  readonly stack: string;
  readonly file: string;
  readonly layers: readonly Layer[];
  readonly filled: FilledVmSpec;
}

interface StackResult {
  readonly machines: readonly DraftMachine[];
  readonly problems: readonly Problem[];
}

const checkVmSpec = schemaCheck(vmSpecSchema);

/** Reads a stack's files over the defaults of the whole repository. A file with problems costs its own machine only. */
export function readStack(root: string, stack: StackFiles, defaults: readonly Document[]): StackResult {
  const own = readDefaults(root, stack);
  const inherited = [...defaults, ...own];
  const machines: DraftMachine[] = [];
  const problems = [...own.flatMap(problemsOf), ...checkDefaults(inherited)];
  for (const file of stack.machines) {
    const documents = [...inherited, readDocument(root, file)];
    const layers = documents.flatMap(layersOf);
    const drafted = draftMachine(stack.name, file, layers, documents.length - layers.length);
    if ("machine" in drafted) machines.push(drafted.machine);
    else problems.push(...documents.slice(-1).flatMap(problemsOf), ...drafted.problems);
  }
  return { machines, problems };
}

/** The defaults file of a stack or of the whole repository, if there is one. */
export function readDefaults(
  root: string,
  { defaults, hasUnusableDefaults }: Pick<StackFiles, "defaults" | "hasUnusableDefaults">,
): Document[] {
  if (defaults !== undefined) return [readDocument(root, defaults)];
  // Why it may not be read is said already, where the folder was listed.
  return hasUnusableDefaults ? [{ problems: [] }] : [];
}

/**
 * Merges a machine's layers and checks the result. While layers are missing, what is not there may stand in one of them: it is no
 * problem then, but there is no machine either.
 */
export function draftMachine(
  stack: string,
  file: string,
  layers: readonly Layer[],
  missingLayers = 0,
): { readonly machine: DraftMachine } | { readonly problems: readonly Problem[] } {
  const merged = mergeLayers(layers);
  const problems = problemsIn(merged, layers, missingLayers === 0);
  if (problems.length > 0 || missingLayers > 0) return { problems };
  const filled = fillDefaults(vmSpecSchema, merged) as unknown as FilledVmSpec;
  return { machine: { stack, file, layers, filled } };
}

/** Checks what defaults files say by themselves, also where every machine overrides it or there is no machine. */
export function checkDefaults(documents: readonly Document[]): Problem[] {
  const layers = documents.flatMap(layersOf);
  return problemsIn(mergeLayers(layers), layers, false);
}

/** The reasons why a document cannot be read. */
export function problemsOf(document: Document): readonly Problem[] {
  return "problems" in document ? document.problems : [];
}

function layersOf(document: Document): Layer[] {
  return "layer" in document ? [document.layer] : [];
}

/** Each finding is placed where the offending value was written. */
function problemsIn(merged: JsonObject, layers: readonly Layer[], isWhole: boolean): Problem[] {
  return checkVmSpec(merged)
    .filter(({ isMissing }) => isWhole || !isMissing)
    .map(({ pointer, message }) => {
      return { ...placeInLayers(layers, pointer), rule: "schema", severity: "error", message };
    });
}
