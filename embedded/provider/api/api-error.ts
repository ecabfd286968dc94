/** An answer of the server that is not a success, or no answer at all (status 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status; 0 when the request never got an answer. */
  readonly status: number;
  /** Whether the answer says that the thing asked for is not there. */
  readonly isNotFound: boolean;

  constructor(status: number, message: string, isNotFound = false) {
    super(message);
    this.status = status;
    this.isNotFound = isNotFound;
  }
}

/** The same error with what was being done in front of its message. */
export function withContext(context: string, error: unknown): Error {
  if (error instanceof ApiError) {
    return new ApiError(error.status, `${context}: ${error.message}`, error.isNotFound);
  }
  return new Error(`${context}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** Runs a step and names it in whatever it throws. */
export async function inContext<Result>(context: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    throw withContext(context, error);
  }
}

const notFoundPrefix = "the requested resource does not exist\n";
const alreadyExistsPrefix = "the requested resource already exists\n";
const notFoundTexts = ["does not exist", "no such resource", "no such ha", "No such file or directory"];

/**
 * The error for an answer: the reason phrase, then the server's error map and message lines in brackets.
 * Public source: bpg/proxmox 0.111.1, validateResponseCode.
 */
export function errorOfResponse(status: number, reason: string, body: unknown): ApiError {
  const details = errorDetails(reason, body);
  const text = details.length === 0 ? reason : `${reason} (${details.join(" - ")})`;
  const message = `received an HTTP ${status} response - Reason: ${text}`;
  const isNotFound =
    status === 404 || (status === 500 && notFoundTexts.some((known) => text.includes(known)));
  if (isNotFound) return new ApiError(status, notFoundPrefix + message, true);
  return new ApiError(status, text.includes("already exists") ? alreadyExistsPrefix + message : message);
}

function errorDetails(reason: string, body: unknown): readonly string[] {
  if (typeof body !== "object" || body === null) return [];
  const { errors, message } = body as { errors?: unknown; message?: unknown };
  const named =
    typeof errors === "object" && errors !== null
      ? Object.entries(errors).map(([key, text]) => `${key}: ${String(text).replace(/[\r\n]+$/, "")}`)
      : [];
  const lines = typeof message === "string" ? message.split("\n") : [];
  const extra = lines.filter(
    (line, index) => line !== "" && line !== lines[index - 1] && !line.startsWith(reason),
  );
  return [...named, ...extra];
}
