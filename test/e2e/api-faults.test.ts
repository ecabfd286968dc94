import { expect, test } from "vitest";
import { applyUnderFaults, tenPercent } from "./crash/fault-lab.ts";
import { terraformBinaries } from "./terraform-binaries.ts";

// Most of it are the waits between attempts, which are random.
const timeoutMs = 180_000;

test(
  "with one API call in ten failing, one apply makes the machine, once",
  async () => {
    const [binary = "tofu"] = terraformBinaries();
    const figures = await applyUnderFaults(binary, 1, { seed: 1, rules: tenPercent() });
    expect(figures.exitCode, figures.output).toBe(0);
    expect(figures.running).toEqual([101]);
    expect(figures.retries).toBeGreaterThan(0);
  },
  timeoutMs,
);
