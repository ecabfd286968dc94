import { test } from "vitest";
import { checkLaws } from "../embedded/pve/cluster-laws/check-laws.ts";

test("thousands of random stories leave the embedded cluster whole", async () => {
  await checkLaws({ numRuns: 20_000, interruptAfterTimeLimit: 600_000 });
});
