import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

const program = join(import.meta.dirname, "../../../embedded/guest/nixos/build-system.ts");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nixherd-build-"));
  write("flake.nix", "{ outputs = _: { }; }");
  write("nix/common.nix", "{ }");
  write("nix/hosts/web.nix", "{ }");
  write("nix/hosts/db.nix", "{ }");
  write("vm-specs/_defaults.json", '{ "access": { "sshKeys": ["key"] } }');
  write("vm-specs/demo/web-1.json", '{ "vmId": 101, "nixos": { "modules": ["nix/hosts/web.nix"] } }');
  write(
    "vm-specs/demo/second.json",
    '{ "vmId": 102, "name": "db-1", "nixos": { "modules": ["nix/hosts/db.nix"] } }',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, "flake", path)), { recursive: true });
  writeFileSync(join(folder, "flake", path), content);
}

async function build(attribute = "web-1"): Promise<string> {
  const environment = { NIXHERD_ROOT: join(folder, "root") };
  const { stdout } = await execa(process.execPath, [program, join(folder, "flake"), attribute], {
    env: environment,
  });
  return stdout;
}

test("the same sources give the same store path", async () => {
  const first = await build();
  expect(first).toMatch(/^\/nix\/store\/[0-9a-f]{32}-nixos-system-web-1-26\.05\.embedded$/);
  expect(await build()).toBe(first);
});

test.each([
  { what: "the machine's module", path: "nix/hosts/web.nix", content: "{ a = 1; }" },
  { what: "a shared module", path: "nix/common.nix", content: "{ a = 1; }" },
  { what: "the flake", path: "flake.nix", content: "{ }" },
  { what: "the lock file", path: "flake.lock", content: "{}" },
  {
    what: "the keys in the defaults",
    path: "vm-specs/_defaults.json",
    content: '{ "access": { "sshKeys": [] } }',
  },
])("a change of $what makes another system", async ({ path, content }) => {
  const before = await build();
  write(path, content);
  expect(await build()).not.toBe(before);
});

test.each([
  { what: "another machine's module", path: "nix/hosts/db.nix", content: "{ a = 1; }" },
  {
    what: "the machine's memory",
    path: "vm-specs/demo/web-1.json",
    content: '{ "vmId": 101, "memory": { "sizeMiB": 4096 }, "nixos": { "modules": ["nix/hosts/web.nix"] } }',
  },
  { what: "a file that is not Nix", path: "README.md", content: "hello" },
])("a change of $what leaves the system as it is", async ({ path, content }) => {
  const before = await build();
  write(path, content);
  expect(await build()).toBe(before);
});

test("a machine is found by the name in its spec, too", async () => {
  expect(await build("db-1")).toContain("-nixos-system-db-1-");
});

test.each([
  {
    what: "an attribute that no spec has",
    attribute: "web-9",
    message: /does not provide attribute 'nixosConfigurations\."web-9"'/,
  },
  { what: "a module that is missing", attribute: "web-1", message: /nix\/hosts\/web\.nix' does not exist/ },
])("$what is an error in the words of Nix", async ({ attribute, message }) => {
  rmSync(join(folder, "flake/nix/hosts/web.nix"));
  await expect(build(attribute)).rejects.toThrow(message);
});

test("a folder without a flake is an error", async () => {
  rmSync(join(folder, "flake/flake.nix"));
  await expect(build()).rejects.toThrow("does not contain a 'flake.nix'");
});
