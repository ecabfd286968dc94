/** A repository with an embedded cluster of its own, for bench/reconcile.ts. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { downEmbedded } from "../embedded/down-embedded.ts";
import { upEmbedded } from "../embedded/up-embedded.ts";
import { findBinary } from "../terraform/find-binary.ts";
import { name, spec } from "./machines.ts";

/** How long the watcher waits for a further change; what is measured comes on top. */
export const quietMs = 300;

const longestRunMs = 600_000;

/** Machines of a stack by their index in bench/machines.ts. */
export interface BenchStack {
  readonly name: string;
  readonly machines: readonly number[];
}

export interface ClusterRepository {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  /** File to which every plan that Terraform begins adds its nanosecond since 1970 as a line. */
  readonly planLog: string;
  /** Writes the specs of a machine; another description is a live change. */
  write(stack: BenchStack, index: number, description: string): void;
  /** Runs a program in the root; throws when it fails. */
  run(file: string, args: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Makes it with the machines of these stacks in its specs, and nothing on its cluster yet. */
export async function createClusterRepository(stacks: readonly BenchStack[]): Promise<ClusterRepository> {
  const root = mkdtempSync(join(tmpdir(), "nixherd-bench-"));
  const planLog = join(root, ".nixherd", "plans.log");
  const write = (file: string, content: object | string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
  };
  const writeMachine: ClusterRepository["write"] = (stack, index, description) =>
    write(`vm-specs/${stack.name}/${name(index)}.json`, { ...spec(index), nixos: false, description });
  write("cdktf.json", { language: "typescript", app: `node ${resolve("stacks/main.ts")}` });
  write("flake.nix", "{ outputs = _: { }; }\n");
  write("vm-specs/_site.json", site);
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  for (const stack of stacks) for (const index of stack.machines) writeMachine(stack, index, "first");
  const { environment: cluster } = await upEmbedded({ root });
  const environment = {
    ...cluster,
    TERRAFORM_BINARY_NAME: await writeLoggingBinary(root, planLog),
    CHECKPOINT_DISABLE: "1",
    NO_COLOR: "1",
    CI: "1",
  };
  return {
    root,
    environment,
    planLog,
    write: writeMachine,
    async run(file, args) {
      await execa(file, args, { cwd: root, env: environment, timeout: longestRunMs, stdin: "ignore" });
    },
    async close() {
      await downEmbedded(root);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const site = {
  templates: { bench: { name: "nixos-26.05-v1", rootDisk: { slot: "virtio0", sizeGiB: 4 } } },
  terraform: { parallelism: 16 },
  watch: { quietMs, driftEverySeconds: 0 },
};

/** The program of this computer behind a script that tells when a plan begins. */
async function writeLoggingBinary(root: string, planLog: string): Promise<string> {
  const { path } = await findBinary({ root: resolve(".") });
  const file = join(root, "logging-terraform");
  mkdirSync(dirname(planLog), { recursive: true });
  writeFileSync(planLog, "");
  writeFileSync(
    file,
    `#!/bin/sh\ncase " $* " in *" plan "*) date +%s%N >>'${planLog}' ;; esac\nexec '${path}' "$@"\n`,
  );
  chmodSync(file, 0o755);
  return file;
}
