import { setTimeout as sleep } from "node:timers/promises";
import { AnswerBook, type AnswerRules } from "./answer-book.ts";
import { startCallServer } from "./call-server.ts";
import { isParallel, type RecordedCall, type Recording } from "./recording.ts";
import type { StepServer } from "./step-server.ts";

/** Starts a server that gives the recorded answers. */
export async function startRecordedServer(recording: Recording): Promise<StepServer> {
  const rules: AnswerRules = { isParallel: isParallel(recording), timeScale: recording.timeScale };
  let book = new AnswerBook([], rules);
  const server = await startCallServer(async ({ call, parameters }) => {
    const found = book.take(call, parameters);
    await sleep((found.durationMs ?? 0) * (rules.timeScale ?? 0));
    return answerOf(found);
  });
  return {
    ...server,
    beginPhase: ({ calls }) => {
      book = new AnswerBook(calls, rules);
      server.reset();
    },
  };
}

function answerOf({ status = 200, reason = "OK", body }: RecordedCall): {
  status: number;
  reason: string;
  body: string;
} {
  return { status, reason, body: body === null ? "" : JSON.stringify(body ?? { data: null }) };
}
