import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import {
  createSynthesisedInputs,
  type SynthesisedInputs,
} from "../../cli/pipeline/watch/synthesised-inputs.ts";
import { areaOf, everyStack } from "../../reconcile/watch/area.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

let root: string;
let inputs: SynthesisedInputs;

const at = (file: string): string => join(root, file);

function write(file: string, text: string): void {
  mkdirSync(at(join(file, "..")), { recursive: true });
  writeFileSync(at(file), text);
}

/** A synthesis that reads everything but the moving stacks, while nothing is written. */
function synthesise(moving: readonly string[] = []): void {
  inputs.begin(moving).keep();
}

/** Repeats it until the files have been quiet for long enough to be trusted. */
const untilKnown = (areas: readonly string[] = [everyStack]) =>
  until(() => {
    synthesise();
    return inputs.areUnchanged(areas) ? true : undefined;
  });

beforeEach(async () => {
  root = temporaryFolder(onTestFinished);
  execFileSync("git", ["init", "-q"], { cwd: root });
  for (const file of [
    "vm-specs/_site.json",
    "vm-specs/_defaults.json",
    "vm-specs/alpha/web-1.json",
    "vm-specs/alpha/_defaults.json",
    "vm-specs/beta/db-1.json",
    "keys/ops.pub",
    "nix/hosts/web.nix",
    "hooks/announce.sh",
    "cdktf.json",
    "flake.lock",
    "constructs/own.ts",
  ])
    write(file, `{ "what": "${file}" }\n`);
  inputs = createSynthesisedInputs(root);
  await untilKnown();
});

test("files that are saved as they were, in whatever way, are no change", () => {
  const file = "vm-specs/alpha/web-1.json";
  const text = readFileSync(at(file), "utf8");
  write(file, text);
  expect(inputs.areUnchanged(["alpha"])).toBe(true);
  write(`${file}.new`, text);
  renameSync(at(`${file}.new`), at(file));
  rmSync(at("keys"), { recursive: true });
  write("keys/ops.pub", '{ "what": "keys/ops.pub" }\n');
  expect(inputs.areUnchanged(["alpha"])).toBe(true);
  expect(inputs.areUnchanged([everyStack])).toBe(true);
});

test("an edit that is reverted before anybody took it up is no change", () => {
  const text = readFileSync(at("nix/hosts/web.nix"), "utf8");
  write("nix/hosts/web.nix", "{ }");
  expect(inputs.areUnchanged([everyStack])).toBe(false);
  write("nix/hosts/web.nix", text);
  expect(inputs.areUnchanged([everyStack])).toBe(true);
});

test("what git does with files that it tracks already is no change", async () => {
  execFileSync("git", ["add", "nix"], { cwd: root });
  await untilKnown();
  write("nix/hosts/web.nix", "{ }");
  execFileSync("git", ["add", "nix"], { cwd: root });
  write("nix/hosts/web.nix", '{ "what": "nix/hosts/web.nix" }\n');
  expect(inputs.areUnchanged([everyStack])).toBe(true);
});

const changes: Readonly<Record<string, readonly [area: string, change: () => void]>> = {
  "a spec": ["alpha", () => write("vm-specs/alpha/web-1.json", "{}")],
  "a spec of the same length": ["alpha", () => write("vm-specs/alpha/web-1.json", "x".repeat(40))],
  "defaults of a stack": ["alpha", () => write("vm-specs/alpha/_defaults.json", "{}")],
  "a new spec": ["beta", () => write("vm-specs/beta/db-2.json", "{}")],
  "a deleted spec": ["beta", () => rmSync(at("vm-specs/beta/db-1.json"))],
  "a renamed spec": ["beta", () => renameSync(at("vm-specs/beta/db-1.json"), at("vm-specs/beta/db-9.json"))],
  "a stack that went": ["beta", () => rmSync(at("vm-specs/beta"), { recursive: true })],
  "a new stack": ["gamma", () => mkdirSync(at("vm-specs/gamma"))],
  "the site file": [everyStack, () => write("vm-specs/_site.json", "{}")],
  "defaults of all stacks": [everyStack, () => truncateSync(at("vm-specs/_defaults.json"))],
  "a key file": [everyStack, () => write("keys/ops.pub", "other")],
  "a hook that may be executed now": [everyStack, () => chmodSync(at("hooks/announce.sh"), 0o755)],
  "the flake's lock": [everyStack, () => write("flake.lock", "{}")],
  "code of the app": [everyStack, () => write("constructs/own.ts", "export {};")],
  "cdktf.json": [everyStack, () => write("cdktf.json", "{}")],
  "a file that git begins to track": [
    everyStack,
    () => void execFileSync("git", ["add", "nix"], { cwd: root }),
  ],
  "a spec, where the app tells no stacks apart": [everyStack, () => write("vm-specs/beta/db-1.json", "{}")],
  "a folder that is a link": [everyStack, () => symlinkSync("/etc", at("modules"))],
};

test.each(Object.keys(changes))("%s is a change", (name) => {
  const [area, change] = changes[name] ?? ["", () => undefined];
  change();
  expect(inputs.areUnchanged([area])).toBe(false);
});

test("what a stack is told of says nothing about another one", () => {
  write("vm-specs/alpha/web-1.json", "{}");
  expect(inputs.areUnchanged(["beta"])).toBe(true);
  expect(inputs.areUnchanged(["beta", "alpha"])).toBe(false);
});

test("a synthesis that no change asked for is always needed", () => {
  expect(inputs.areUnchanged([])).toBe(false);
});

test("what was written and taken back while a synthesis ran may have been read, so it counts as changed", () => {
  const file = "vm-specs/alpha/web-1.json";
  const text = readFileSync(at(file), "utf8");
  const synthesis = inputs.begin([]);
  write(file, "{}");
  write(file, text);
  write("vm-specs/beta/db-2.json", "{}");
  rmSync(at("vm-specs/beta/db-2.json"));
  synthesis.keep();
  expect(inputs.areUnchanged(["alpha"])).toBe(false);
  expect(inputs.areUnchanged(["beta"])).toBe(false);
});

test("a synthesis that left a stack out, or that was not kept, knows nothing of it", async () => {
  synthesise(["alpha"]);
  expect(inputs.areUnchanged(["beta"])).toBe(true);
  expect(inputs.areUnchanged(["alpha"])).toBe(false);
  await untilKnown(["alpha"]);
  inputs.begin([]);
  expect(inputs.areUnchanged(["beta"])).toBe(false);
});

test("once it is forgotten, the synthesis that ran meanwhile does not count either", () => {
  const synthesis = inputs.begin([]);
  inputs.forget();
  synthesis.keep();
  expect(inputs.areUnchanged(["alpha"])).toBe(false);
  synthesise();
  expect(inputs.areUnchanged(["alpha"])).toBe(true);
});

test("a file belongs to the stack in whose folder it is, and else to all of them", () => {
  for (const path of ["vm-specs/alpha", "vm-specs/alpha/web-1.json", "vm-specs/alpha/_notes/x"])
    expect(areaOf(path), path).toBe("alpha");
  for (const path of [
    "",
    "vm-specs",
    "vm-specs/_site.json",
    "vm-specs/_shared/x.json",
    "nix/alpha/x",
    "vm-specs/No Name/x.json",
  ])
    expect(areaOf(path), path).toBe(everyStack);
});
