import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBuilds } from "../nix/real-nix.ts";
import { openSystemsLab, type SystemsLab } from "./systems-lab.ts";

const folder = mkdtempSync(join(tmpdir(), "nixherd-eval-jobs-"));
const calls = join(folder, "calls");
let lab: SystemsLab;

/** What was evaluated, as the synthesis finds it; forgotten afterwards. */
function takeResolved(): unknown {
  const file = `${lab.repository.root}/.nixherd/systems.json`;
  const resolved: unknown = JSON.parse(readFileSync(file, "utf8"));
  rmSync(file);
  return resolved;
}

describe.skipIf(noBuilds !== "")(`systems by nix-eval-jobs ${noBuilds}`, () => {
  beforeAll(async () => {
    const PATH = `${join(import.meta.dirname, "eval-jobs")}:${process.env["PATH"]}`;
    lab = await openSystemsLab({ PATH, EVAL_JOBS_CALLS: calls });
    await lab.lock();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await lab?.repository.close();
  });

  test("it is asked where it is at hand, and gives the systems that nix gives, which is asked where it babbles", async () => {
    expect((await lab.nixherd("plan", "--no-build")).exitCode).toBe(3);
    expect(readFileSync(calls, "utf8")).toMatch(/--workers [0-9]+ .*--impure --expr/);
    const byJobs = takeResolved();
    const plan = await lab.nixherdWith(
      { EVAL_JOBS_ANSWER: "not what anybody expects" },
      "plan",
      "--no-build",
    );
    expect(plan.exitCode).toBe(3);
    expect(takeResolved()).toEqual(byJobs);
    expect(byJobs).toMatchObject({
      ".": { systems: { "web-1": { platform: "x86_64-linux", isBuilt: false } } },
    });
  });

  test("a configuration that fails is named with what it says, and the others are evaluated", async () => {
    lab.configure("web-1", "1.0", 'boot.kernelVersion = throw "nothing";');
    const plan = await lab.nixherd("plan", "--no-build");
    expect(plan.events("error")).toMatchObject([
      { stack: "prod", code: "SYSTEM_NOT_EVALUATED", message: "web-1 (101): error: it throws" },
    ]);
    expect(plan.events("plan")).toMatchObject([{ stack: "test" }]);
  });
});
