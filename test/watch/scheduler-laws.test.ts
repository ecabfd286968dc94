import fc from "fast-check";
import { expect, test } from "vitest";
import { createScheduler } from "../../reconcile/watch/scheduler.ts";
import type { Outcome } from "../../reconcile/watch/stack-turn.ts";
import { WatchedModel } from "./watched-model.ts";

const settings = {
  quietMs: 300,
  longestWaitMs: 2000,
  stacksAtOnce: 2,
  retryMs: 1000,
  longestRetryMs: 8000,
  driftEveryMs: 0,
};

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...([
        "edit",
        "edit",
        "touch",
        "editAll",
        "break",
        "mend",
        "synthesis",
        "run",
        "run",
        "suspend",
        "resume",
        "time",
      ] as const),
    ),
    stack: fc.constantFrom("a", "b", "c", "d"),
    outcome: fc.constantFrom<Outcome>("done", "retry", "terminal"),
    afterMs: fc.integer({ min: 0, max: 1500 }),
  }),
  { maxLength: 60 },
);

type Step = Extract<typeof steps, fc.Arbitrary<unknown>> extends fc.Arbitrary<(infer S)[]> ? S : never;

function play(model: WatchedModel, { what, stack, outcome, afterMs }: Step): void {
  model.pass(afterMs);
  const plays: Readonly<Record<Step["what"], () => void>> = {
    edit: () => model.edit(stack),
    touch: () => model.touch(stack),
    editAll: () => model.editAll(),
    break: () => model.break(stack),
    mend: () => model.mend(stack),
    synthesis: () => model.endSynthesis(),
    run: () => model.endRun(stack, outcome),
    suspend: () => model.suspend(stack, true),
    resume: () => model.suspend(stack, false),
    time: () => model.tell({ type: "time" }),
  };
  plays[what]();
}

test("after quiet everything was run after its last change, and no stack ever ran twice at once", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const model = new WatchedModel(
        createScheduler(
          () => settings,
          () => 0.5,
        ),
        settings.stacksAtOnce,
      );
      for (const each of all) play(model, each);
      model.settle();
      model.expectAllApplied();
    }),
    { numRuns: 1000 },
  );
});

test("whoever follows nextWakeMs never waits on the spot: what is due has been begun", () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(0, 3000), (all, driftEveryMs) => {
      const scheduler = createScheduler(
        () => ({ ...settings, driftEveryMs }),
        () => 0.5,
      );
      const model = new WatchedModel(scheduler, settings.stacksAtOnce);
      for (const each of all) {
        play(model, each);
        model.tell({ type: "time" });
        expect(scheduler.nextWakeMs() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(model.nowMs);
      }
    }),
    { numRuns: 1000 },
  );
});
