import { type ErrorCode, errorCodes } from "./error-codes.ts";

interface ErrorDetails {
  /** What happened, one sentence, no secrets. */
  readonly message: string;
  /** What to do about it, one sentence in the imperative. */
  readonly hint: string;
  readonly cause?: unknown;
}

/** The one class of thrown failures. Problems in input files are values instead: see lib/problem.ts. */
export class NixherdError extends Error {
  override readonly name = "NixherdError";
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }

  /** The exit code a command ends with when nothing handles this error. */
  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }
}
