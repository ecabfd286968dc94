/** One thing wrong in an input file. Problems are values: all of them are collected and shown at once. */
export interface Problem {
  /** Path of the file, relative to the repository's root, with forward slashes. */
  readonly file: string;
  /** JSON pointer (RFC 6901) of the place in the file; "" is the whole file. */
  readonly pointer: string;
  /** The check that found it: "syntax", "schema" or a rule's name. */
  readonly rule: string;
  readonly severity: "error" | "warning";
  /** What is wrong (expected ..., got ...). */
  readonly message: string;
}

/** `file:/json/pointer: message`, the form editors and CI annotate. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.pointer}: ${problem.message}`;
}
