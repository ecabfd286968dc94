import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { repository } from "./clone-repository.ts";

/** What scripts/setup itself needs of a system; everything else is put on PATH by the test, or is not there. */
const systemCommands =
  "awk basename bash cat cut date dirname env grep gzip head ln mkdir mktemp mv readlink rm sed sha256sum shasum sleep tar tr uname";

/** A copy of the set-up scripts in a folder of its own, with a PATH that holds only what the test puts there. */
export interface ScriptLab {
  readonly root: string;
  /** Writes an executable bash script into the folder on PATH. */
  readonly command: (name: string, body: string) => void;
  /** Puts a command of this machine on PATH. */
  readonly systemCommand: (name: string) => void;
  readonly write: (path: string, text: string) => void;
  readonly setup: (options?: SetupOptions) => ReturnType<typeof runSetup>;
}

interface SetupOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function openScriptLab(): ScriptLab {
  const root = mkdtempSync(join(tmpdir(), "nixherd-scripts-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const bin = join(root, "system");
  const lab: ScriptLab = {
    root,
    command: (name, body) => writeExecutable(join(bin, name), body),
    systemCommand: (name) => linkCommand(name, bin),
    write: (path, text) => writeIn(root, path, text),
    setup: (options = {}) => runSetup(root, bin, options),
  };
  mkdirSync(bin);
  for (const name of systemCommands.split(" ")) linkCommand(name, bin);
  for (const part of ["setup", "setup.d", "lib"]) {
    cpSync(join(repository, "scripts", part), join(root, "scripts", part), { recursive: true });
  }
  lab.write("package.json", '{ "engines": {\n  "node": ">=24.12"\n} }\n');
  lab.write("package-lock.json", '{ "lockfileVersion": 3 }\n');
  lab.write("scripts/setup.d/pinned.txt", "");
  return lab;
}

function runSetup(root: string, path: string, { args = [], env = {} }: SetupOptions) {
  return execa(join(root, "scripts/setup"), args, {
    env: { PATH: path, HOME: root, ...env },
    extendEnv: false,
    reject: false,
    all: true,
    timeout: 50_000,
  });
}

/** Body of a command that answers `version` as the two Terraforms do. */
export function terraformSaying(product: string, version: string): string {
  return `echo "${product} v${version}"; echo "on linux_amd64"`;
}

/** Body of a command that answers `--version` as Node does, and the one question that scripts/setup asks it. */
export function nodeSaying(version: string): string {
  return `[[ $1 == --version ]] && echo "${version}"`;
}

/** A .tar.gz of the files, in the lab's folder; the answer is its path. */
export function archive(lab: ScriptLab, name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(lab.root, "archives", name);
  for (const [path, body] of Object.entries(files)) writeExecutable(join(folder, path), body);
  const file = `${folder}.tar.gz`;
  execFileSync("tar", ["-czf", file, "-C", folder, "."]);
  return file;
}

function linkCommand(name: string, bin: string): void {
  const found = execFileSync("bash", ["-c", `type -P ${name} || true`], { encoding: "utf8" }).trim();
  if (found !== "") symlinkSync(found, join(bin, name));
}

function writeIn(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writeExecutable(path: string, body: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // It may be a link to a command of this machine, which must stay as it is.
  rmSync(path, { force: true });
  writeFileSync(path, `#!/usr/bin/env bash\n${body}\n`, { mode: 0o755 });
}
