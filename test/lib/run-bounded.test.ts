import fc from "fast-check";
import { expect, test } from "vitest";
import { runBounded } from "../../lib/run-bounded.ts";

test("Results stand in the order of the items, and never more than the limit run at once.", async () => {
  const items = fc.array(fc.nat({ max: 5 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 6 }), async (turns, limit) => {
      let running = 0;
      let most = 0;
      const results = await runBounded(turns, limit, async (count) => {
        running += 1;
        most = Math.max(most, running);
        // Each item takes another number of turns, so that they end in another order than they began.
        for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
        running -= 1;
        return count * 10;
      });
      expect(results).toEqual(turns.map((count) => count * 10));
      expect(most).toBeLessThanOrEqual(limit);
      expect(running).toBe(0);
    }),
  );
});

test("A step that fails fails the whole.", async () => {
  const run = runBounded([1, 2, 3], 2, async (item) => {
    if (item === 2) throw new Error("no");
  });
  await expect(run).rejects.toThrow("no");
});
