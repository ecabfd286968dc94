/** Parameter name to what is wrong with it. */
export type ParameterErrors = Readonly<Record<string, string>>;

interface ErrorBody {
  readonly errors?: ParameterErrors;
  /** The answer has no body: the web server itself refused, not the API behind it. */
  readonly isBare?: boolean;
}

/** An answer other than 200: the text becomes the HTTP reason phrase and, with a line feed, the body's `message`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly errors: ParameterErrors | undefined;
  readonly isBare: boolean;

  constructor(status: number, reason: string, body: ErrorBody = {}) {
    super(reason);
    this.status = status;
    this.errors = body.errors;
    this.isBare = body.isBare ?? false;
  }
}

/** 400 `Parameter verification failed.` with one text per parameter. */
export function badParameters(errors: ParameterErrors): ApiError {
  return new ApiError(400, "Parameter verification failed.", { errors });
}

/** 403 as Proxmox VE words it, `what` being "/path, Privilege" where it names one. */
export function permissionDenied(what?: string): ApiError {
  return new ApiError(
    403,
    what === undefined ? "Permission check failed" : `Permission check failed (${what})`,
  );
}

/** 500: what Proxmox VE answers whenever its code dies. */
export function failure(reason: string): ApiError {
  return new ApiError(500, reason);
}

/** A refusal by the web server itself: status and reason phrase, no body. */
export function refusal(status: number, reason: string): ApiError {
  return new ApiError(status, reason, { isBare: true });
}
