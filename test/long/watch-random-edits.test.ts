import { test } from "vitest";
import { expectWatcherToFollow } from "../watch/random-edits.ts";

test.each([1, 2])("after 500 random edits the cluster is as the specs say (seed %i)", async (seed) => {
  await expectWatcherToFollow(500, seed);
});
