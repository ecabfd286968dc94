import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commitAll } from "./commit-all.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");
let repository: TestRepository;

/** What a plan since the last commit would do, as `stack: names of machines`. */
async function planned(): Promise<{ readonly machines: Record<string, string[]>; readonly notes: string }> {
  const { stdout, all, exitCode } = await repository.run("node", [
    nixherd,
    "plan",
    "--changed-since",
    "HEAD",
    "--json",
  ]);
  expect([0, 3], all).toContain(exitCode);
  const events = stdout.split("\n").map((line) => JSON.parse(line));
  const plans = events.filter(({ event }) => event === "plan").map(({ plan }) => plan);
  const machines = plans.map(({ stack, machines: touched }) => [
    stack,
    touched.map(({ name }: { name: string }) => name),
  ]);
  const notes = events.flatMap(({ event, text }) => (event === "note" ? [text] : [])).join("\n");
  return { machines: Object.fromEntries(machines), notes };
}

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, {
    _site: site,
    "prod/web-1": machine(101, { nixos: false }),
    "prod/web-2": machine(102, { nixos: false }),
    "test/web-3": machine(151, { nixos: false }),
  });
  await commitAll(repository);
});

beforeEach(() => repository.run("git", ["checkout", "-q", "HEAD", "--", "."]));
afterAll(() => repository?.close());

test("a working tree like the revision plans nothing, although nothing was applied yet", async () => {
  expect((await planned()).machines).toEqual({});
});

test("a changed spec plans its machine, and leaves no worktree behind", async () => {
  repository.write("vm-specs/prod/web-2.json", machine(102, { nixos: false, memory: { sizeMiB: 2048 } }));
  expect((await planned()).machines).toEqual({ prod: ["web-2"] });
  expect((await repository.run("git", ["worktree", "list"])).stdout.split("\n")).toHaveLength(1);
});

test("defaults of a stack plan what inherits them", async () => {
  repository.write("vm-specs/test/_defaults.json", { tags: ["inherited"] });
  expect((await planned()).machines).toEqual({ test: ["web-3"] });
  repository.remove("vm-specs/test/_defaults.json");
});

test("a construct that changed plans every machine that it makes", async () => {
  const { stdout } = await repository.run("cat", ["constructs/vm/agent.ts"]);
  repository.write("constructs/vm/agent.ts", stdout.replace(/trim: [^,]+,/, "trim: true,"));
  expect((await planned()).machines).toEqual({ prod: ["web-1", "web-2"], test: ["web-3"] });
});

test("a stack that was removed is told, since its machines go on", async () => {
  repository.remove("vm-specs/test");
  const { machines, notes } = await planned();
  expect(machines["prod"]).toBeUndefined();
  expect(notes).toContain("Stack test was removed since then");
});

test("a revision that git does not know is said, and nothing is planned", async () => {
  const { exitCode, all } = await repository.run("node", [nixherd, "plan", "--changed-since", "no-such"]);
  expect(exitCode).toBe(1);
  expect(all).toContain("error USAGE: git knows no revision no-such here.");
});
