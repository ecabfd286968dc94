import { tmpdir } from "node:os";
import { afterEach, expect, test, vi } from "vitest";
import { readBuildablePlatforms } from "../../cli/pipeline/systems/buildable-platforms.ts";
import { evaluateNix } from "./evaluate-nix.ts";
import { nixSettings, noBuilds } from "./real-nix.ts";

const setting = { root: tmpdir(), interrupt: new AbortController().signal };

afterEach(() => {
  vi.unstubAllEnvs();
});

test("Nix builds for its own platform, for those that its settings add and for those of its builders, and for no other", async ({
  skip,
}) => {
  skip(noBuilds !== "", noBuilds);
  const own = String(evaluateNix("builtins.currentSystem"));
  const more = [
    "extra-platforms = riscv64-linux",
    "builders = ssh://one armv7l-linux ; ssh://two i686-hurd,mips-linux",
  ];
  vi.stubEnv("NIX_CONFIG", [nixSettings.NIX_CONFIG, ...more].join("\n"));
  const isBuildable = await readBuildablePlatforms(setting);
  for (const platform of [own, "riscv64-linux", "armv7l-linux", "i686-hurd", "mips-linux"])
    expect(isBuildable(platform), platform).toBe(true);
  expect(isBuildable("aarch64-plan9")).toBe(false);
});
