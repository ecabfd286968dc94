import { type Diagnostic, errorDiagnostic } from "./wire/diagnostic.ts";

/**
 * A failed operation on its way to Terraform: it carries diagnostics in the real provider's words.
 * It never leaves the provider's process, so it has no code of lib/error-codes.ts.
 */
export class ProviderFailure extends Error {
  override readonly name = "ProviderFailure";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ summary }) => summary).join("; "));
    this.diagnostics = diagnostics;
  }
}

/**
 * A situation in which the real provider's process crashes: the call fails as a whole, nothing of it reaches the
 * state, and what was done on the server stays.
 */
export class ProviderCrash extends Error {
  override readonly name = "ProviderCrash";
}

/** The diagnostics for anything thrown: those of a ProviderFailure, else the message as the summary. */
export function failureDiagnostics(error: unknown): readonly Diagnostic[] {
  if (error instanceof ProviderFailure) return error.diagnostics;
  return [errorDiagnostic(error instanceof Error ? error.message : String(error))];
}
