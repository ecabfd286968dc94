import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { synthesizeSound } from "../../cli/pipeline/watch/synthesize-sound.ts";
import { findBinary } from "../../terraform/find-binary.ts";
import { linkTools } from "../hooks/tool-folder.ts";
import { nixSettings, noBuilds } from "../nix/real-nix.ts";
import { openSystemsLab, type SystemsLab } from "./systems-lab.ts";

let lab: SystemsLab;

describe.skipIf(noBuilds !== "")(`systems that there are not ${noBuilds}`, () => {
  beforeAll(async () => {
    lab = await openSystemsLab();
  });
  beforeEach(() => {
    for (const name of ["web-1", "web-2", "web-3"]) lab.configure(name, "1.0");
  });
  afterAll(() => lab?.repository.close());

  test("without nix that is said once, and any change of the flake's files runs every step", async () => {
    const folder = join(lab.repository.root, ".nixherd/tools");
    linkTools(folder);
    const { path } = await findBinary({ root: resolve(".") });
    const plan = await lab.nixherdWith({ PATH: folder, TERRAFORM_BINARY_NAME: path }, "plan");
    expect(plan.events("note").map(({ text }) => text)).toEqual([
      expect.stringMatching(/^There is no nix here .* any change of the flake's files/),
    ]);
    expect(plan.stepped, plan.all).toEqual(["web-1", "web-2", "web-3"]);
    expect(plan.events("steps")[0]?.machines).toMatchObject([
      { system: null, unknown: "" },
      { system: null, unknown: "" },
    ]);
  });

  test("a flake without a lock file is not evaluated, and a person is told how to lock it", async () => {
    const plan = await lab.nixherd("plan", "prod");
    expect(plan.events("note").map(({ text }) => text)).toEqual([
      expect.stringMatching(/has no flake\.lock.*nix flake lock/),
    ]);
    expect(plan.stepped).toEqual(["web-1", "web-2"]);
    expect(plan.exitCode, plan.all).toBe(3);
    await lab.lock();
  });

  test("configurations that fail to evaluate are named with nix's words, and other stacks go on", async () => {
    lab.configure("web-1", "1.0", 'boot.kernelVersion = throw "no kernel for this one";');
    lab.configure("web-2", "1.0", "boot = (null).nothing;");
    const plan = await lab.nixherd("plan");
    expect(plan.exitCode).toBe(1);
    const errors = plan.events("error").map(({ stack, code, message }) => `${stack} ${code} ${message}`);
    expect(errors).toEqual([
      expect.stringMatching(/^prod SYSTEM_NOT_EVALUATED web-1 \(101\): error: no kernel for this one/),
      expect.stringMatching(/^prod SYSTEM_NOT_EVALUATED web-2 \(102\): error: value is null/),
    ]);
    expect(plan.events("plan").map(({ stack }) => stack)).toEqual(["test"]);
  });

  test("a machine whose configuration the flake does not have is named", async () => {
    await lab.repository.run("git", ["rm", "-q", "--cached", "vm-specs/test/web-3.json"]);
    const plan = await lab.nixherd("plan", "test");
    expect(plan.events("error")).toMatchObject([
      { stack: "test", code: "SYSTEM_NOT_EVALUATED", hint: expect.stringContaining("git add vm-specs") },
    ]);
    await lab.repository.run("git", ["add", "vm-specs"]);
  });

  test("a system that cannot be built is named, and the others are built", async () => {
    lab.configure("web-1", "2.0", "failing = true;");
    lab.configure("web-2", "2.0");
    const plan = await lab.nixherd("plan", "prod");
    expect(plan.events("error")).toMatchObject([
      { stack: "prod", code: "SYSTEM_NOT_BUILT", message: expect.stringContaining("web-1 (101)") },
    ]);
    expect(plan.all).toContain("this system fails to build, as asked");
    expect(plan.events("systems")).toMatchObject([{ builtCount: 1 }]);
  });

  test("for the watcher such a stack has a problem, and the others are sound", async () => {
    lab.configure("web-3", "1.0", "boot = (null).nothing;");
    vi.stubEnv("NIX_CONFIG", nixSettings.NIX_CONFIG);
    const interrupt = new AbortController().signal;
    const options = { interrupt, report: () => undefined, onLine: () => undefined };
    const { stacks, problems } = await synthesizeSound(lab.repository.root, options);
    expect(problems).toMatchObject([{ stack: "test", severity: "error" }]);
    expect(stacks.map(({ name, isSound }) => [name, isSound])).toEqual([
      ["prod", true],
      ["test", false],
    ]);
    vi.unstubAllEnvs();
  });
});
