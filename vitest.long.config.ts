import { defineConfig } from "vitest/config";

/**
 * Tests that take minutes: a set-up from nothing, and whatever else a commit need not wait for. One file after the other:
 * machines with a systemd or a kernel of their own, and the deadlines that are met on them, need the computer for themselves.
 */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
  },
});
