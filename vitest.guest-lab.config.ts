import { defineConfig } from "vitest/config";

/**
 * Tests on machines that boot a systemd each. They run after all others and few at once: a dozen machines that boot on two
 * cores keep each other, and every other test, from the deadlines that are theirs.
 */
export default defineConfig({
  test: {
    include: ["test/guest-lab/**/*.test.ts"],
    fileParallelism: false,
    maxConcurrency: 4,
    hookTimeout: 60_000,
    env: { TF_CLI_CONFIG_FILE: "" },
  },
});
