import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keepEnd } from "../../guests/bounded-text.ts";

test("the end of a stream is kept, and what was dropped is counted", async () => {
  await fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 40 }), (chunks, maxChars) => {
      const kept = keepEnd(maxChars);
      for (const chunk of chunks) kept.push(chunk);
      const whole = chunks.join("");
      expect(kept.text()).toBe(whole.slice(-maxChars));
      expect(kept.droppedChars()).toBe(whole.length - kept.text().length);
    }),
  );
});
