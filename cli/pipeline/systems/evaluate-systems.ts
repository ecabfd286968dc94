import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import { evaluateJobs } from "./evaluate-jobs.ts";
import type { EvaluatedSystem } from "./evaluated-system.ts";
import { flakeReference, type NixSetting, runNix, wordsOf } from "./run-nix.ts";

/** What came out for each attribute. */
type Evaluation = ReadonlyMap<string, EvaluatedSystem | NixherdError>;

interface Request extends NixSetting {
  /** As specs have it. */
  readonly flake: string;
  /** Attributes of nixosConfigurations. */
  readonly names: readonly string[];
  /** Identities whose systems are known, by attribute. */
  readonly known: Readonly<Record<string, string>>;
}

type Description = EvaluatedSystem | { readonly isBroken: true } | { readonly isMissing: true };

const timeoutMs = 15 * 60_000;
/** A machine's configuration takes about half a GiB, and it is evaluated twice: with the revision and without. */
const mibPerMachine = 1024;
/** The question is one argument, which must not be longer than 128 KiB. */
const mostAtOnce = 200;
/** Broken configurations whose words are asked for; the others may well have the same fault. */
const mostExplained = 5;

/**
 * Evaluates configurations of one flake: several at once where nix-eval-jobs is at hand, else in as few runs of Nix as the
 * memory allows. One that is broken does not keep the
 * others from being evaluated. flake.lock is never written.
 * @throws INTERRUPTED, COMMAND_TIMED_OUT, COMMAND_NOT_STARTED
 */
export async function evaluateSystems(request: Request): Promise<Evaluation> {
  if (request.names.length > 1) {
    const jobs = await evaluateAtOnce(request);
    if (jobs !== undefined) return jobs;
  }
  const size = machinesAtOnce();
  const found = new Map<string, EvaluatedSystem | NixherdError>();
  for (let from = 0; from < request.names.length; from += size) {
    const names = request.names.slice(from, from + size);
    for (const [name, value] of await evaluateTogether({ ...request, names })) found.set(name, value);
  }
  return found;
}

async function evaluateAtOnce(request: Request): Promise<Evaluation | undefined> {
  const { root, interrupt, flake, names } = request;
  const configurations = `(builtins.getFlake ${nixString(flakeReference(root, flake))}).nixosConfigurations`;
  const expression = `${await describer(request, { asJobs: true })} ${configurations}`;
  const results = await evaluateJobs({ root, interrupt, names, expression, timeoutMs });
  if (interrupt.aborted) throw interrupted();
  if (results === undefined) return undefined;
  return new Map(
    [...results].map(([name, found]) => [
      name,
      typeof found === "string" ? broken(flake, wordsOf(found)) : found,
    ]),
  );
}

/** The function of describe-systems.nix with its arguments: it takes nixosConfigurations. */
async function describer({ names, known }: Request, more: object): Promise<string> {
  const describe = await readFile(join(import.meta.dirname, "describe-systems.nix"), "utf8");
  return `(${describe}) (builtins.fromJSON ${nixString(JSON.stringify({ names, known, ...more }))})`;
}

function machinesAtOnce(): number {
  const affordable = Math.floor((process.availableMemory() / 2 ** 20 - 1024) / mibPerMachine);
  return Math.min(Math.max(affordable, 1), mostAtOnce);
}

async function evaluateTogether(request: Request): Promise<Evaluation> {
  const { names, flake } = request;
  const answer = await askNix(request, false);
  if (answer instanceof NixherdError) return evaluateApart(request, answer);
  const found = new Map<string, EvaluatedSystem | NixherdError>();
  let explained = 0;
  for (const name of names) {
    const described = answer[name];
    if (described === undefined || "isMissing" in described) found.set(name, missing(flake, name));
    else if ("isBroken" in described) found.set(name, await explain(request, name, explained++));
    else found.set(name, described);
  }
  return found;
}

/** What Nix cannot catch in one configuration ends them all: the halves show which. */
async function evaluateApart(request: Request, failure: NixherdError): Promise<Evaluation> {
  const { names } = request;
  const isOfFlake =
    names.length > 1 && (await askNix({ ...request, names: [] }, false)) instanceof NixherdError;
  if (names.length <= 1 || isOfFlake) return new Map(names.map((name) => [name, failure]));
  const middle = Math.ceil(names.length / 2);
  const left = await evaluateTogether({ ...request, names: names.slice(0, middle) });
  const right = await evaluateTogether({ ...request, names: names.slice(middle) });
  return new Map([...left, ...right]);
}

async function explain(
  request: Request,
  name: string,
  explained: number,
): Promise<EvaluatedSystem | NixherdError> {
  if (explained >= mostExplained) return broken(request.flake, "Evaluate it by itself to hear why.");
  const answer = await askNix({ ...request, names: [name] }, true);
  if (answer instanceof NixherdError) return answer;
  const described = answer[name];
  const isWell = described !== undefined && "identity" in described;
  return isWell ? described : broken(request.flake, "Nix did not say why.");
}

async function askNix(
  request: Request,
  isStrict: boolean,
): Promise<Readonly<Record<string, Description>> | NixherdError> {
  const { root, interrupt, flake } = request;
  const installable = `${flakeReference(root, flake)}#nixosConfigurations`;
  const apply = await describer(request, { isStrict });
  const args = ["eval", "--json", "--no-update-lock-file", installable, "--apply", apply];
  const { exitCode, stdout, stderr, isInterrupted } = await runNix({ root, interrupt, timeoutMs, args });
  if (isInterrupted) throw interrupted();
  return exitCode === 0 ? JSON.parse(stdout) : broken(flake, wordsOf(stderr));
}

/** A text as Nix writes it. */
function nixString(text: string): string {
  return `"${text.replace(/[\\"$]/g, "\\$&")}"`;
}

function broken(flake: string, words: string): NixherdError {
  return new NixherdError("SYSTEM_NOT_EVALUATED", {
    message: words,
    hint: `Correct the configuration in the flake ${flake}; a flake sees only files that git tracks (git add).`,
  });
}

function missing(flake: string, name: string): NixherdError {
  return new NixherdError("SYSTEM_NOT_EVALUATED", {
    message: `The flake has no nixosConfigurations.${name}.`,
    hint: `Add it to the flake ${flake}; of a spec, a flake sees only what git tracks (git add vm-specs).`,
  });
}

function interrupted(): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: "The evaluation was interrupted; nothing was changed.",
    hint: "Run the command again.",
  });
}
