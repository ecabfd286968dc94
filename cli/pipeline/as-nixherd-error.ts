import { NixherdError } from "../../lib/errors.ts";

const noSpace: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * What was thrown as an error with a code: a failure of the file system is one of the user's computer, everything
 * else without a code is a fault of this program (INTERNAL) and must not hide what other stacks do.
 */
export function asNixherdError(thrown: unknown): NixherdError {
  if (thrown instanceof NixherdError) return thrown;
  if (isSystemError(thrown)) return systemFailure(thrown);
  return new NixherdError("INTERNAL", {
    message: `This is a fault of nixherd: ${thrown instanceof Error ? thrown.stack : String(thrown)}`,
    hint: "Report it with these lines; what was done so far is in the state.",
    cause: thrown,
  });
}

function systemFailure(cause: NodeJS.ErrnoException): NixherdError {
  if (noSpace.has(cause.code ?? "")) {
    return new NixherdError("DISK_FULL", {
      message: `A file could not be written because the disk is full: ${cause.message}`,
      hint: "Make room and run the command again.",
      cause,
    });
  }
  return new NixherdError("FILE_FAILED", {
    message: cause.message,
    hint: "Correct the rights of that file or folder, then run the command again.",
    cause,
  });
}

function isSystemError(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && "syscall" in thrown;
}
