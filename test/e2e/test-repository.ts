import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { type Embedded, startEmbedded } from "../../embedded/start-embedded.ts";
import { copyRepository } from "./copy-repository.ts";

export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** Standard output and standard error as they came. */
  readonly all: string;
}

/** A repository like a user's, with an embedded cluster of its own. */
export interface TestRepository {
  readonly root: string;
  readonly log: readonly string[];
  /** The state behind the cluster's API. */
  readonly cluster: Embedded["cluster"];
  /** Environment of every command: the embedded cluster's, and the binary under test. */
  readonly environment: Readonly<Record<string, string>>;
  /** Writes a file; objects as JSON. */
  write(path: string, content: object | string): void;
  remove(path: string): void;
  /** Runs a program in the root (or `cwd` below it); never throws for an exit code. */
  run(command: string, args: readonly string[], cwd?: string): Promise<CommandResult>;
  close(): Promise<void>;
}

/** Makes a repository with the given files under vm-specs/ (names without .json) and starts its cluster. */
export async function createTestRepository(
  binary: string,
  specs: Readonly<Record<string, object>>,
): Promise<TestRepository> {
  const root = mkdtempSync(join(tmpdir(), "nixherd-e2e-"));
  copyRepository(root);
  git(root, "init", "-q");
  git(root, "add", "flake.nix", "nix");
  const log: string[] = [];
  const embedded = await startEmbedded({
    root,
    log: (line) => log.push(line),
    onEnd: (why) => log.push(why),
  });
  const repository = new EmbeddedRepository(root, embedded, binary, log);
  for (const [name, spec] of Object.entries(specs)) repository.write(`vm-specs/${name}.json`, spec);
  return repository;
}

/** A flake sees only what git tracks, so the tests track what they write. */
function git(root: string, ...args: string[]): void {
  execFileSync("git", args, { cwd: root });
}

class EmbeddedRepository implements TestRepository {
  readonly root: string;
  readonly log: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cluster: Embedded["cluster"];
  readonly #embedded: Embedded;

  constructor(root: string, embedded: Embedded, binary: string, log: readonly string[]) {
    this.root = root;
    this.log = log;
    this.cluster = embedded.cluster;
    this.#embedded = embedded;
    this.environment = {
      ...embedded.environment,
      TERRAFORM_BINARY_NAME: binary,
      CHECKPOINT_DISABLE: "1",
      NO_COLOR: "1",
    };
  }

  write(path: string, content: object | string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
    if (path.endsWith(".sh")) chmodSync(file, 0o755);
    git(this.root, "add", path);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
    git(this.root, "add", path);
  }

  async run(command: string, args: readonly string[], cwd = "."): Promise<CommandResult> {
    const { exitCode, stdout, all } = await execa(command, args, {
      cwd: join(this.root, cwd),
      env: this.environment,
      reject: false,
      all: true,
      timeout: 120_000,
      stdin: "ignore",
    });
    return { exitCode, stdout, all };
  }

  async close(): Promise<void> {
    await this.#embedded.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}
