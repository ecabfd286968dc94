import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { formatProblem, type Problem } from "../../lib/problem.ts";
import type { Fleet } from "../../specs/fleet.ts";
import type { JsonObject } from "../../specs/json.ts";
import { mergeLayers } from "../../specs/layers.ts";
import { listSpecFiles } from "../../specs/list-spec-files.ts";
import { findNameProblem } from "../../specs/name-problem.ts";
import { readDocument } from "../../specs/read-document.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import type { PipelineContext } from "./context.ts";
import { draftSpec, type SpecWishes } from "./draft-spec.ts";
import { freeVmId } from "./free-vmid.ts";

export interface NewMachine {
  readonly stack: string;
  readonly name: string;
  readonly wishes: SpecWishes;
  /** Of a machine that is there already; undefined is the next free one. */
  readonly vmId?: number;
}

/** What was written. */
export interface WrittenSpec {
  /** Path relative to the root. */
  readonly file: string;
  readonly spec: JsonObject;
}

/**
 * Writes the spec of a new machine with a free VMID and a free address. The whole of vm-specs/ is valid afterwards,
 * or the file is gone again.
 * @throws INVALID_INPUT, SPEC_EXISTS, NO_FREE_VMID, NO_FREE_ADDRESS, USAGE
 */
export async function writeSpec(context: PipelineContext, machine: NewMachine): Promise<WrittenSpec> {
  const { root } = context;
  const { stack, name, wishes } = machine;
  refuseBadName(stack, name);
  const file = `vm-specs/${stack}/${name}.json`;
  if (existsSync(join(root, file))) throw alreadyThere(file);
  const fleet = fleetOf(root);
  const vmId = machine.vmId ?? (await freeVmId(fleet, stack, context));
  const spec = draftSpec({ stack, vmId, wishes, fleet, inherited: inheritedBy(root, stack) });
  const madeFolder = await writeNew(root, file, spec);
  await removeUnlessValid(root, file, madeFolder);
  return { file, spec };
}

/** Before a path is made of them. */
function refuseBadName(stack: string, name: string): void {
  const problem = stack.includes(".") ? "contains a dot" : findNameProblem(stack);
  const said = problem === undefined ? findNameProblem(name) : `its stack ${problem}`;
  if (said === undefined) return;
  throw new NixherdError("USAGE", {
    message: `A machine cannot be called ${stack}/${name}: ${said}.`,
    hint: "Use letters, digits and inner hyphens, as in demo/web-1.",
  });
}

function fleetOf(root: string): Fleet {
  const result = readFleet(root);
  if (result.ok) return result.fleet;
  throw new NixherdError("INVALID_INPUT", {
    message: ["The specs that are there have problems:", ...errorsAmong(result.problems)].join("\n"),
    hint: "Correct them first: free VMIDs and addresses are counted from valid specs.",
  });
}

function errorsAmong(problems: readonly Problem[]): string[] {
  return problems.filter(({ severity }) => severity === "error").map(formatProblem);
}

/** What the defaults files say; they were valid when the fleet was read. */
function inheritedBy(root: string, stack: string): JsonObject {
  const files = listSpecFiles(root);
  const own = files.stacks.find(({ name }) => name === stack)?.defaults;
  const documents = [files.defaults, own].flatMap((file) =>
    file === undefined ? [] : [readDocument(root, file)],
  );
  return mergeLayers(documents.flatMap((document) => ("layer" in document ? [document.layer] : [])));
}

/** Gives the folder that had to be made for the file, if any. */
async function writeNew(root: string, file: string, spec: JsonObject): Promise<string | undefined> {
  const path = join(root, file);
  const madeFolder = await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, `${JSON.stringify(spec, undefined, 2)}\n`, { flag: "wx" });
    return madeFolder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw alreadyThere(file);
  }
}

function alreadyThere(file: string): NixherdError {
  return new NixherdError("SPEC_EXISTS", {
    message: `${file} exists already.`,
    hint: "Choose another name, or edit that file.",
  });
}

async function removeUnlessValid(root: string, file: string, madeFolder: string | undefined): Promise<void> {
  const result = readFleet(root);
  if (result.ok) return;
  await rm(madeFolder ?? join(root, file), { recursive: true });
  throw new NixherdError("INVALID_INPUT", {
    message: ["Such a spec would not be valid, so it was not kept:", ...errorsAmong(result.problems)].join(
      "\n",
    ),
    hint: "Add the options that are missing (nixherd new --help), or put the keys into vm-specs/_defaults.json.",
  });
}
