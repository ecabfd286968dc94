import { NixherdError } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask-secrets.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import { type Explanation, explainFailure } from "./explain-failure.ts";
import type { FailureContext } from "./failure-rules.ts";
import type { TerraformBinary } from "./find-binary.ts";

export interface FailedRun extends FailureContext {
  readonly binary: TerraformBinary;
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What else was printed; shown when there is no diagnostic. */
  readonly otherWords: string;
}

/**
 * The error of a failed command: its code, a sentence of what and one of what to do, Terraform's own words below.
 * Diagnostics that are explained alike are counted, not repeated; other ones follow in `cause`, an AggregateError.
 */
export function terraformFailure(run: FailedRun): NixherdError {
  const diagnostics = run.diagnostics.length > 0 ? run.diagnostics : [otherWordsOf(run)];
  const explained = diagnostics.map((diagnostic) => explain(diagnostic, run));
  const [first, ...others] = [...Map.groupBy(explained, ({ key }) => key).values()].map(toError);
  if (first === undefined) throw new Error("a failed run has at least one diagnostic");
  if (others.length === 0) return first;
  return new NixherdError(first.code, {
    message: first.message,
    hint: first.hint,
    cause: new AggregateError(others),
  });
}

interface Explained extends Required<Explanation> {
  /** Equal for diagnostics that need to be shown once only. */
  readonly key: string;
}

function explain(diagnostic: Diagnostic, run: FailedRun): Explained {
  const words = formatDiagnostic(diagnostic);
  const explanation = explainFailure(diagnostic, run);
  if (explanation === undefined) return { ...unexplained(run), words, key: words };
  return { words, ...explanation, key: `${explanation.code} ${explanation.what}` };
}

function unexplained({ binary, command, exitCode }: FailedRun): Omit<Explanation, "words"> {
  const ending = exitCode === undefined ? "was killed by a signal" : `failed with exit code ${exitCode}`;
  return {
    code: "TERRAFORM_FAILED",
    what: `${binary.product} ${command} ${ending}.`,
    hint: "What was done so far is in the state: correct the cause and run the command again.",
  };
}

function otherWordsOf({ otherWords }: FailedRun): Diagnostic {
  return { severity: "error", summary: "it printed", detail: otherWords.trim() || "nothing" };
}

function toError(group: readonly Explained[]): NixherdError {
  const [first, ...alike] = group;
  if (first === undefined) throw new Error("a group has at least one member");
  const count = alike.length === 0 ? "" : `\n(and ${alike.length} more like this)`;
  return new NixherdError(first.code, {
    message: maskSecrets(`${first.what}\n${first.words}${count}`),
    hint: maskSecrets(first.hint),
  });
}
