import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/run-command.ts";
import { readMemory, rememberedStacks, workLeft } from "../../../reconcile/watch/stack-memory.ts";
import type { SynthesisedStack } from "../../../reconcile/watch/stack-turn.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import { readSoundStacks } from "../../../specs/read-sound-stacks.ts";
import type { PipelineContext } from "../context.ts";
import { findRemovedStacks } from "../find-removed-stacks.ts";
import { readManifest } from "../select-stacks.ts";
import { outputFolder, synthesize } from "../synthesize.ts";
import { evaluatesSystems, prepareSystems } from "../systems/prepare-systems.ts";
import type { AppAhead } from "./app-ahead.ts";
import type { WatchProblem } from "./watch-events.ts";

/** What a synthesis left. */
export interface Synthesis {
  /** Every stack that has a configuration or should have one; the moving ones as the synthesis before left them. */
  readonly stacks: readonly SynthesisedStack[];
  readonly problems: readonly WatchProblem[];
  /** Of all configurations together, 12 hex digits. */
  readonly hash: string;
}

interface SynthesisOptions extends Pick<PipelineContext, "interrupt" | "report"> {
  /** Receives what the app prints besides problems. */
  readonly onLine: (line: string) => void;
  /** Runs the app's command. Defaults to a process that is started for it. */
  readonly run?: AppAhead["run"];
  /** Stacks whose files are being written; they are left as they are. Defaults to none. */
  readonly movingStacks?: readonly string[];
}

/**
 * Synthesises the stacks without problems and says what each of them has to do.
 * @throws SYNTH_FAILED, INTERRUPTED, and INVALID_INPUT from an app that cannot write single stacks
 */
export async function synthesizeSound(root: string, options: SynthesisOptions): Promise<Synthesis> {
  const { interrupt, run = runCommand, movingStacks = [] } = options;
  const problems: WatchProblem[] = [];
  const onLine = (line: string): void => {
    const problem = readProblem(line);
    if (problem === undefined) options.onLine(line);
    else problems.push(problem);
  };
  const removedStacks = await stacksWithoutFolder(root);
  problems.push(...(await resolveSound(root, options)));
  try {
    await synthesize({ root, interrupt, removedStacks, movingStacks, isSoundOnly: true, onLine, run });
  } catch (error) {
    const isPartial = error instanceof NixherdError && error.code === "INVALID_INPUT" && problems.length > 0;
    if (!isPartial) throw error;
  }
  const errors = problems.filter(({ severity }) => severity === "error");
  const configured = await describeStacks(root, errors);
  const unconfigured = errors
    .flatMap(({ stack }) => stack ?? [])
    .filter((name, index, all) => all.indexOf(name) === index)
    .filter((name) => !configured.some((stack) => stack.name === name))
    .map((name) => ({ name, digest: "", isChanged: true, isSound: false }));
  const stacks = [...configured, ...unconfigured];
  return {
    stacks,
    problems,
    hash: sha256(stacks.map(({ name, digest }) => `${name} ${digest}`)).slice(0, 12),
  };
}

/** Evaluates and builds the systems of the sound stacks. A stack with a machine whose system cannot be had has a problem. */
async function resolveSound(
  root: string,
  { interrupt, report, movingStacks }: SynthesisOptions,
): Promise<WatchProblem[]> {
  if (!evaluatesSystems(readSite(root, siteFile).site)) return [];
  const context = { root, interrupt, report, unfinished: new Set<never>() };
  const everything = { names: [], targets: [], builds: true };
  const { failures } = await prepareSystems(readSoundStacks(root, movingStacks).fleet, everything, context);
  return [...failures].map(([stack, error]) => asProblem(stack, error));
}

function asProblem(stack: string, { code, message }: NixherdError): WatchProblem {
  return { stack, file: `vm-specs/${stack}`, pointer: "", severity: "error", message: `${code}: ${message}` };
}

/** Stacks that had machines and whose folder is gone. */
async function stacksWithoutFolder(root: string): Promise<string[]> {
  const remembered = await rememberedStacks(root);
  const gone = remembered.filter((stack) => !existsSync(join(root, "vm-specs", stack)));
  return [...new Set([...(await findRemovedStacks(root)), ...gone])];
}

async function describeStacks(root: string, errors: readonly WatchProblem[]): Promise<SynthesisedStack[]> {
  if (!existsSync(join(root, outputFolder, "manifest.json"))) return [];
  const rules = await readRules(root);
  const described = [...(await readManifest(root))].map(async ([name, folder]): Promise<SynthesisedStack> => {
    const text = await readFile(join(folder, "cdk.tf.json"), "utf8");
    const work = workLeft(await readMemory(root, name), JSON.parse(text));
    const isSound = !errors.some(({ stack }) => stack === null || stack === name);
    return { name, digest: sha256([rules, text]), isChanged: work !== "nothing", isSound };
  });
  return Promise.all(described);
}

/** Whatever decides about plans and stands in no configuration: a change of it is worth another try. */
async function readRules(root: string): Promise<string> {
  const { policy } = readSite(root, siteFile).site;
  const checks = policy.checks.map((check) => readFile(join(root, check), "utf8").catch(() => ""));
  return JSON.stringify([policy, await Promise.all(checks)]);
}

function readProblem(line: string): WatchProblem | undefined {
  if (!line.startsWith('{"stack":')) return undefined;
  try {
    return JSON.parse(line) as WatchProblem;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sha256(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}
