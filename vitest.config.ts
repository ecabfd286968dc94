import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // vitest.long.config.ts, vitest.guest-lab.config.ts
    exclude: ["test/long/**", "test/guest-lab/**"],
    // Tests start real binaries (tofu, ssh, bash) and wait for them, so one worker more than there are cores.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Not the configuration of whoever runs the tests: its mirrors and overrides would decide their results.
    // Programs that tests start keep their compiled code; in repositories of a test's own each would compile it anew.
    env: { TF_CLI_CONFIG_FILE: "", NODE_COMPILE_CACHE: resolve("node_modules/.cache/compiled") },
    coverage: {
      provider: "v8",
      include: [
        "lib/**/*.{ts,js,mjs}",
        "specs/**/*.{ts,js,mjs}",
        "constructs/**/*.{ts,js,mjs}",
        "stacks/**/*.{ts,js,mjs}",
        "terraform/**/*.{ts,js,mjs}",
        "proxmox/**/*.{ts,js,mjs}",
        "guests/**/*.{ts,js,mjs}",
        "status/**/*.{ts,js,mjs}",
        "reconcile/**/*.{ts,js,mjs}",
        "template/**/*.{ts,js,mjs}",
        "embedded/**/*.{ts,js,mjs}",
        "cli/**/*.{ts,js,mjs}",
      ],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
