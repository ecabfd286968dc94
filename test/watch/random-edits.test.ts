import { test } from "vitest";
import { expectWatcherToFollow } from "./random-edits.ts";

test("after random edits, deletions, renames and syntax errors the cluster is as the specs say", async () => {
  await expectWatcherToFollow(25, 6);
});
