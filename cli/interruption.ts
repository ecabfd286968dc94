/** How a command learns that the user wants it to end. */
export interface Interruption {
  /** Aborts at the first Ctrl-C, termination signal or closed terminal. */
  readonly signal: AbortSignal;
  /** Stops listening; signals then end the process again. */
  stop(): void;
}

interface InterruptionTexts {
  /** Says something to the user at once. */
  readonly say: (text: string) => void;
  /** What is still waited for, a line each. */
  readonly unfinished: () => readonly string[];
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Listens for signals. The first one aborts, so that Terraform is interrupted once and ends cleanly; every further one
 * only says what is still waited for: a second interruption would make Terraform drop what it has not saved.
 */
export function watchInterruption({ say, unfinished }: InterruptionTexts): Interruption {
  const abort = new AbortController();
  const onSignal = () => {
    if (!abort.signal.aborted) {
      say(
        "Interrupted: waiting for running steps to end cleanly and for the state to be saved (again: what is waited for).",
      );
      abort.abort();
      return;
    }
    const lines = unfinished();
    say(["Still waiting for:", ...(lines.length === 0 ? ["the command to end"] : lines)].join("\n  "));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: abort.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
