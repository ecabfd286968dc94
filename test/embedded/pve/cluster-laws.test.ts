import { test } from "vitest";
import { checkLaws } from "./cluster-laws/check-laws.ts";

test("whatever is asked at once, fails or is killed: volumes have one owner, locks are released, tasks end, nothing is forgotten", async () => {
  // The same stories each time: test/long tells new ones.
  await checkLaws({ numRuns: 60, interruptAfterTimeLimit: 12_000, seed: 9 });
});
