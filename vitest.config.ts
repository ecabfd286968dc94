import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They take minutes each: vitest.long.config.ts.
    exclude: ["test/long/**"],
    // Tests start real binaries (tofu, ssh, bash); two cores share them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Not the configuration of whoever runs the tests: its mirrors and overrides would decide their results.
    env: { TF_CLI_CONFIG_FILE: "" },
    coverage: {
      provider: "v8",
      include: [
        "lib/**",
        "specs/**",
        "constructs/**",
        "stacks/**",
        "terraform/**",
        "proxmox/**",
        "embedded/**",
        "cli/**",
      ],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
