import type { ErrorCode } from "../../lib/error-codes.ts";

interface ShownError {
  /** Absent when the whole command failed. */
  readonly stack?: string;
  readonly code: ErrorCode;
  /** What happened; Terraform's own words may follow in further lines. */
  readonly message: string;
  readonly hint: string;
}

/** `error <CODE>: what happened`, further lines indented, and `  -> what to do`. */
export function formatError({ stack, code, message, hint }: ShownError): string {
  const [first = "", ...rest] = message.split("\n");
  const place = stack === undefined ? "" : `${stack}: `;
  return [`error ${code}: ${place}${first}`, ...rest.map((line) => `  ${line}`), `  -> ${hint}`].join("\n");
}
