import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { callApi } from "../e2e/call-api.ts";
import { commitAll } from "../e2e/commit-all.ts";
import { machine, site } from "../e2e/machine-specs.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";
import { type CommandResult, createTestRepository, type TestRepository } from "../e2e/test-repository.ts";

interface Script {
  readonly name?: string;
  readonly command: string;
  readonly shell: string;
  readonly shellArgs: string;
  readonly output?: string;
}

type Step = { readonly run: Script } | { readonly env: Script };

interface AtlantisFile {
  readonly projects: readonly { readonly name: string; readonly dir: string }[];
  readonly workflows: Readonly<
    Record<string, Readonly<Record<"plan" | "apply", { readonly steps: readonly Step[] }>>>
  >;
}

const [binary = "tofu"] = terraformBinaries();

let repository: TestRepository;
let tools: string;

/** Runs a stage for a project as Atlantis does: step by step in the project's folder, with what `env` steps gave. */
async function runStage(
  stage: "plan" | "apply",
  project: string,
): Promise<{ failed: boolean; comment: string }> {
  const file = parse(readFileSync(join(repository.root, "atlantis.yaml"), "utf8")) as AtlantisFile;
  const dir = file.projects.find(({ name }) => name === project)?.dir ?? "";
  const environment: Record<string, string> = {
    PATH: `${tools}:${process.env["PATH"]}`,
    ATLANTIS_TERRAFORM_DISTRIBUTION: basename(binary),
    ATLANTIS_TERRAFORM_VERSION: "0.0.0",
    PLANFILE: join(repository.root, dir, `${project}-default.tfplan`),
    PROJECT_NAME: project,
  };
  let comment = "";
  for (const step of file.workflows["nixherd"]?.[stage].steps ?? []) {
    const script = "run" in step ? step.run : step.env;
    const result = await runScript(script, dir, environment);
    if ("env" in step) environment[step.env.name ?? ""] = result.stdout.trimEnd();
    else if (script.output !== "hide" || result.exitCode !== 0) comment += result.all;
    if (result.exitCode !== 0) return { failed: true, comment };
  }
  return { failed: false, comment };
}

function runScript(
  script: Script,
  dir: string,
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  // The set-up is tested by itself, and path.sh would put the project's programs before the stand-in.
  const command = script.command.replace("scripts/setup\n", "").replace("source scripts/lib/path.sh\n", "");
  return repository.run("env", [...assignments, script.shell, ...script.shellArgs.split(" "), command], dir);
}

beforeAll(async () => {
  tools = mkdtempSync(join(tmpdir(), "nixherd-atlantis-"));
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" "${resolve("cli/nixherd.js")}" "$@"\n`;
  writeFileSync(join(tools, "npx"), npx, { mode: 0o755 });
  repository = await createTestRepository(binary, {
    _site: site,
    "prod/web-1": machine(101, { nixos: false }),
    "prod/web-2": machine(102, { nixos: false }),
    "test/lab-1": machine(151, { nixos: false }),
  });
  await commitAll(repository);
  const exported = await repository.run(process.execPath, [resolve("cli/nixherd.js"), "export", "atlantis"]);
  expect(exported.exitCode, exported.all).toBe(0);
});

afterAll(async () => {
  rmSync(tools, { recursive: true, force: true });
  await repository?.close();
});

const ownMachines = async () => {
  const listed = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
  return listed
    .map(({ vmid }) => vmid)
    .filter((vmid) => vmid < 9000)
    .toSorted();
};

test("plans one project and applies that plan, which the policy has nothing against", async () => {
  const planned = await runStage("plan", "prod");
  expect(planned.failed, planned.comment).toBe(false);
  expect(planned.comment).toContain("Plan: 2 to add, 0 to change, 0 to destroy.");
  expect(planned.comment).toContain("The policy has nothing against the plan of prod");
  expect(await ownMachines()).toEqual([]);
  const applied = await runStage("apply", "prod");
  expect(applied.failed, applied.comment).toBe(false);
  expect(applied.comment).toContain("Apply complete! Resources: 2 added");
  expect(await ownMachines()).toEqual([101, 102]);
});

test("shows a plan that the policy holds, and does not apply it before the policy lets it", async () => {
  repository.remove("vm-specs/prod/web-2.json");
  const planned = await runStage("plan", "prod");
  expect(planned.failed, planned.comment).toBe(false);
  expect(planned.comment).toContain("error PLAN_HELD");
  const refused = await runStage("apply", "prod");
  expect(refused.failed).toBe(true);
  expect(refused.comment).toContain("1 machine would be destroyed");
  expect(await ownMachines()).toEqual([101, 102]);

  repository.write("vm-specs/_site.json", { ...site, policy: { destroy: { most: 1 } } });
  const allowed = await runStage("apply", "prod");
  expect(allowed.failed, allowed.comment).toBe(false);
  expect(await ownMachines()).toEqual([101]);
});

test("says in the comment what is wrong with specs, and plans nothing", async () => {
  repository.write("vm-specs/test/lab-1.json", machine(101));
  const planned = await runStage("plan", "test");
  expect(planned.failed).toBe(true);
  expect(planned.comment).toContain("vm-specs/test/lab-1.json:/vmId");
});
