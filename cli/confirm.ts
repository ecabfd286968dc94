import { createInterface } from "node:readline";
import { NixherdError } from "../lib/errors.ts";
import type { Screen } from "./render/screen.ts";

/**
 * Refuses, before anything is done, a command that would have to ask somebody and cannot.
 * @throws NEEDS_CONFIRMATION
 */
export function refuseUnattended(isConfirmed: boolean, { canAsk }: Screen): void {
  if (isConfirmed || canAsk) return;
  throw new NixherdError("NEEDS_CONFIRMATION", {
    message: "There is no terminal to confirm the changes on, so nothing was done.",
    hint: "Look at the changes with nixherd plan, then confirm them beforehand with --yes.",
  });
}

/**
 * Asks on the terminal and accepts exactly one answer.
 * @throws NEEDS_CONFIRMATION for every other answer, INTERRUPTED
 */
export async function askFor(answer: string, question: string, interrupt: AbortSignal): Promise<void> {
  const given = await readLine(question, interrupt);
  if (interrupt.aborted) {
    throw new NixherdError("INTERRUPTED", {
      message: "Nothing was changed.",
      hint: "Run the command again.",
    });
  }
  if (given?.trim() === answer) return;
  throw new NixherdError("NEEDS_CONFIRMATION", {
    message: `The answer was not "${answer}", so nothing was changed.`,
    hint: "Run the command again to see the plan and to confirm it.",
  });
}

/** How plans that are shown get confirmed: by an answer on the terminal, unless that was given beforehand. */
export function confirmation(isConfirmed: boolean, { interrupt }: { readonly interrupt: AbortSignal }) {
  return {
    isAttended: !isConfirmed,
    confirm: async () => {
      if (!isConfirmed) await askFor("yes", 'Apply this? Type "yes": ', interrupt);
    },
  };
}

/** One line from the terminal; undefined at its end or when interrupted. */
function readLine(question: string, interrupt: AbortSignal): Promise<string | undefined> {
  // Without its own terminal mode readline leaves Ctrl-C to the signal handlers.
  const reader = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const giveUp = () => resolve(undefined);
  interrupt.addEventListener("abort", giveUp, { once: true });
  reader.once("close", giveUp);
  reader.question(question, resolve);
  return promise.finally(() => {
    interrupt.removeEventListener("abort", giveUp);
    reader.close();
  });
}
