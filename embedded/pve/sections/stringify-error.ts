import { ApiError } from "../http/api-error.ts";

/** An error as Proxmox VE puts it into the text of another: status and parameter errors in front and below. */
export function stringify(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.errors === undefined) return error.message;
  const lines = Object.entries(error.errors).map(([name, text]) => `${name}: ${text.trimEnd()}`);
  return [`${error.status} ${error.message}`, ...lines].join("\n");
}
