import { expect, test } from "vitest";
import type { PipelineEvent } from "../../cli/pipeline/events.ts";
import { retryTransient } from "../../cli/pipeline/retry-transient.ts";
import type { ErrorCode } from "../../lib/error-codes.ts";
import { NixherdError } from "../../lib/errors.ts";

function failure(code: ErrorCode): NixherdError {
  return new NixherdError(code, { message: "It failed.\nIn these words.", hint: "Wait." });
}

function context(interrupt = new AbortController()) {
  const events: PipelineEvent[] = [];
  return { events, interrupt: interrupt.signal, report: (event: PipelineEvent) => void events.push(event) };
}

test("a step that fails with what passes is done again, and each wait is told", async () => {
  const told = context();
  const attempts: number[] = [];
  const result = await retryTransient({ stack: "demo" }, told, async ({ number }) => {
    attempts.push(number);
    if (number < 3) throw failure("LOCK_TIMEOUT");
    return "done";
  });
  expect(result).toBe("done");
  expect(attempts).toEqual([1, 2, 3]);
  expect(told.events).toMatchObject([
    { event: "retry", stack: "demo", attempt: 1, code: "LOCK_TIMEOUT", message: "It failed." },
    { event: "retry", attempt: 2 },
  ]);
});

test("a lasting failure ends it at once", async () => {
  const told = context();
  const step = () => Promise.reject(failure("DATASTORE_MISSING"));
  await expect(retryTransient({ stack: "demo" }, told, step)).rejects.toMatchObject({
    code: "DATASTORE_MISSING",
  });
  expect(told.events).toEqual([]);
});

test("an interruption ends the wait and with it the attempts", async () => {
  const interrupt = new AbortController();
  let attempts = 0;
  const step = () => {
    attempts += 1;
    if (attempts === 4) interrupt.abort();
    return Promise.reject(failure("CONNECTION_LOST"));
  };
  const retried = retryTransient({ stack: "demo" }, context(interrupt), step);
  await expect(retried).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(attempts).toBe(4);
});
