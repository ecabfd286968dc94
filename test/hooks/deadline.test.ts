import { existsSync } from "node:fs";
import { execa } from "execa";
import { expect, test } from "vitest";

/** Seconds that are left of a deadline of ten, after the given words of bash. */
async function secondsLeft(words: string): Promise<number> {
  const script = `source scripts/hooks/lib/deadline.sh; start_deadline 10; ${words}; seconds_left`;
  const { stdout } = await execa("bash", ["-euc", script]);
  return Number(stdout);
}

test("a deadline comes no later when the wall clock is set back, and no earlier when it is set on", async ({
  skip,
}) => {
  skip(!existsSync("/proc/uptime"), "this computer has no clock that bash can read and nobody sets");
  // What bash makes of a wall clock that jumps by an hour.
  expect(await secondsLeft("SECONDS=$((SECONDS - 3600))")).toBeLessThanOrEqual(10);
  expect(await secondsLeft("SECONDS=$((SECONDS + 3600))")).toBeGreaterThan(0);
});

test("a deadline that has passed leaves nothing, and no negative seconds", async () => {
  expect(await secondsLeft("DEADLINE_AT=$((NOW - 5))")).toBe(0);
});
