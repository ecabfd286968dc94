import { existsSync, readlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { takesNames } from "../../cli/pipeline/os/candidate-flake.ts";
import { linkTools } from "../hooks/tool-folder.ts";
import { type OsLab, openOsLab } from "./os-lab.ts";
import { eventsOf } from "./project.ts";

let lab: OsLab;
let calls: string;

beforeAll(async () => {
  lab = await openOsLab([{ stack: "demo", name: "web-1", vmId: 101 }]);
  await lab.write("flake.lock", "old\n");
  calls = join(lab.root, "nix-calls");
});

afterAll(() => lab?.stop());

const running = () => readlinkSync(join(lab.machine(101).root, "run/current-system"));

/** `nixherd os upgrade` where a stand-in of nix makes this the new lock. */
function upgrade(words: readonly string[], more: Readonly<Record<string, string>>) {
  const path = [join(import.meta.dirname, "local-nix"), lab.environment["PATH"] ?? ""].join(delimiter);
  return lab.os(["upgrade", ...words], { PATH: path, NIX_CALLS: calls, ...more });
}

test("inputs that cannot be updated change nothing", async () => {
  const run = await upgrade(["--yes"], {});
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/^error FLAKE_NOT_UPDATED: .*unable to download the input\n {2}-> /);
  expect(await lab.read("flake.lock")).toBe("old\n");
});

test("inputs that are up to date leave the machines alone", async () => {
  const before = running();
  const run = await upgrade(["--yes"], { NIX_LOCK: "old" });
  expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("The inputs are up to date") });
  expect(running()).toBe(before);
});

test("a configuration that does not build with the new inputs leaves flake.lock and the machines alone", async () => {
  const before = running();
  const run = await upgrade(["--yes"], { NIX_LOCK: "# embedded: fail build" });
  expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("nothing was changed") });
  expect(await lab.read("flake.lock")).toBe("old\n");
  expect(running()).toBe(before);
});

test("newer inputs are compared first, then locked and switched to", async () => {
  const run = await upgrade(["web-1", "--input", "nixpkgs", "--yes", "--json"], { NIX_LOCK: "new" });
  expect(run.exitCode).toBe(0);
  const results = eventsOf(run).filter(({ event }) => event === "os-result");
  expect(results).toMatchObject([
    { action: "diff", state: "ok", result: { packages: expect.any(Array) } },
    { action: "upgrade", state: "ok", result: { generation: 2 } },
  ]);
  expect(await lab.read("flake.lock")).toBe("new\n");
  expect(running()).toMatch(/nixos-system-web-1/);
  expect(await lab.read("nix-calls")).toContain("flake update nixpkgs\n");
});

test("without nix one sentence says so", async () => {
  const tools = join(lab.root, "tools");
  linkTools(tools);
  expect(existsSync(join(tools, "nix"))).toBe(false);
  const run = await lab.os(["upgrade", "--yes"], { PATH: tools });
  expect(run).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error NIX_MISSING: There is no nix here/),
  });
});

test.each([
  ["nix (Nix) 2.8.0", false],
  ["nix (Nix) 2.18.9", false],
  ["nix (Nix) 2.19.0", true],
  ["nix (Nix) 3.0", true],
  ["nix (Lix, like Nix) 2.91.1", true],
])("%s takes names of inputs: %s", (version, expected) => {
  expect(takesNames(version)).toBe(expected);
});
