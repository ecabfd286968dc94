/** Says in one sentence why something could not be read; the system's own text would repeat absolute paths. */
export function describeReadFailure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" ? "does not exist (expected a file)" : `cannot be read (${code ?? String(error)})`;
}
