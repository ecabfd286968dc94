/** One error or warning of OpenTofu or Terraform. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  /** Several lines, or "". */
  readonly detail: string;
  /** The resource it is about; absent when it is about none. */
  readonly address?: string;
}

/** Most of one diagnostic that is shown; a hook's output inside a diagnostic can be longer. */
const longestDetailChars = 4000;

/** Reads a diagnostic from JSON output; undefined when it has another form. */
export function readDiagnostic(value: unknown): Diagnostic | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { severity, summary, detail, address } = value as Readonly<Record<string, unknown>>;
  if (typeof summary !== "string" || (severity !== "error" && severity !== "warning")) return undefined;
  return {
    severity,
    summary,
    detail: typeof detail === "string" ? detail.trim() : "",
    ...(typeof address === "string" ? { address } : {}),
  };
}

/** A diagnostic in its own words: summary, resource and detail; of a very long detail its beginning and its end. */
export function formatDiagnostic({ summary, detail, address }: Diagnostic): string {
  const place = address === undefined ? "" : ` (${address})`;
  return detail === "" ? `${summary}${place}` : `${summary}${place}: ${shorten(detail)}`;
}

function shorten(detail: string): string {
  if (detail.length <= longestDetailChars) return detail;
  const headChars = longestDetailChars / 4;
  const tailChars = longestDetailChars - headChars;
  const leftOutChars = detail.length - longestDetailChars;
  return `${detail.slice(0, headChars)}\n[${leftOutChars} characters left out]\n${detail.slice(-tailChars)}`;
}

/**
 * Reads the diagnostics of a command that has no JSON output (`init`, `output`) from its stderr without colours:
 * each begins with a line "Error: ..." and reaches to the next one.
 */
export function readPlainDiagnostics(stderr: string): Diagnostic[] {
  const [, ...blocks] = `\n${stderr}`.split(/\n(?:[╷│╵] ?)*Error: /);
  return blocks.map((block) => {
    const [summary = "", ...rest] = block.split("\n");
    const detail = rest.map((line) => line.replace(/^[╷│╵] ?/, "")).join("\n");
    return { severity: "error", summary: summary.trim(), detail: detail.trim() };
  });
}
