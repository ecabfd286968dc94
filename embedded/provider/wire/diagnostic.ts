/** A path into a resource: attribute names and list indexes. */
export type Path = readonly (string | number)[];

/** An error or warning as Terraform shows it. */
export interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  readonly summary: string;
  readonly detail?: string;
  readonly path?: Path;
}

/** An error with nothing but a summary, the form that the real provider gives most of its failures. */
export function errorDiagnostic(summary: string): Diagnostic {
  return { severity: "ERROR", summary };
}

/** The AttributePath message for a path. */
export function pathMessage(path: Path): object {
  return {
    steps: path.map((step) =>
      typeof step === "number" ? { element_key_int: step } : { attribute_name: step },
    ),
  };
}

/** The Diagnostic message for a diagnostic. */
export function diagnosticMessage(diagnostic: Diagnostic): object {
  return {
    severity: diagnostic.severity,
    summary: diagnostic.summary,
    detail: diagnostic.detail ?? "",
    ...(diagnostic.path === undefined ? {} : { attribute: pathMessage(diagnostic.path) }),
  };
}
