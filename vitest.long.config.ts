import { defineConfig } from "vitest/config";

/** Tests that take minutes: a set-up from nothing, and whatever else a commit need not wait for. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
  },
});
