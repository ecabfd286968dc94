import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { type StateServer, startStateServer } from "../terraform/state-server.ts";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { type CommandResult, createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");

/** A machine with a hook, so that it has more than one resource; its description says nothing of its file. */
const hooked = (vmId: number) =>
  machine(vmId, { nixos: false, hooks: { postApply: ["scripts/own.sh"] }, description: "kept" });

/** Stands for the real program and kills who called it before the n-th command that writes a state. */
const killer = `#!/usr/bin/env bash
if [[ $1 == state && $2 =~ ^(mv|push|rm)$ && -n $KILL_BEFORE ]]; then
  count=$(($(cat "$KILL_COUNT" 2>/dev/null || echo 0) + 1))
  echo "$count" >"$KILL_COUNT"
  [[ $count != "$KILL_BEFORE" ]] || { kill -9 "$PPID"; exit 1; }
fi
exec "$REAL_BINARY" "$@"
`;

/** Two machines in two stacks, "old" with web-1 (101) and "new" with web-2 (102), both applied. */
export interface MoveLab {
  readonly repository: TestRepository;
  /** Of the http backend; undefined with local states. */
  readonly server: StateServer | undefined;
  run(...args: string[]): Promise<CommandResult>;
  /** Renames a file below vm-specs/. */
  moveFile(from: string, to: string): void;
  /** Runs `nixherd move` and kills it before its n-th command that writes a state; true if it came that far. */
  killMove(before: number): Promise<boolean>;
  /** The stacks whose state has the machine 101. */
  holders(): string[];
  /** VMIDs of the machines on the cluster, without templates. */
  vmIds(): Promise<number[]>;
  /** Names of the machines whose hook has run, one for each time. */
  hooksRun(): string[];
  close(): Promise<void>;
}

export async function openMoveLab(binary: string, backend: "local" | "http"): Promise<MoveLab> {
  const server = backend === "http" ? await startStateServer() : undefined;
  const { address } = server ?? {};
  const lock = { lock_address: `${address}/{stack}`, unlock_address: `${address}/{stack}` };
  const http = { backend: { http: { address: `${address}/{stack}`, ...lock } } };
  const specs = {
    _site: { ...site, ...(server === undefined ? {} : http) },
    "old/web-1": hooked(101),
    "new/web-2": hooked(102),
  };
  const repository = await createTestRepository(binary, specs);
  const { root } = repository;
  repository.write(
    "scripts/hooks/post-apply.sh",
    `#!/usr/bin/env bash\necho "$NIXHERD_VM_NAME" >>hook.log\n`,
  );
  repository.write("scripts/own.sh", "#!/usr/bin/env bash\n");
  repository.write("killer.sh", killer);
  const run = (...args: string[]) => repository.run("node", [nixherd, ...args]);
  const stateOf = (stack: string): string => {
    if (server !== undefined) return server.states.get(stack) ?? "";
    const file = join(root, `terraform.${stack}.tfstate`);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  const applied = await run("apply", "--yes");
  expect(applied.exitCode, applied.all).toBe(0);
  return {
    repository,
    server,
    run,
    moveFile: (from, to) => renameSync(join(root, "vm-specs", from), join(root, "vm-specs", to)),
    async killMove(before) {
      const count = join(root, "killer.count");
      rmSync(count, { force: true });
      const variables = {
        KILL_BEFORE: before,
        KILL_COUNT: count,
        REAL_BINARY: await pathOf(repository, binary),
        TERRAFORM_BINARY_NAME: join(root, "killer.sh"),
      };
      const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
      const { exitCode } = await repository.run("env", [...set, "node", nixherd, "move", "101", "--yes"]);
      return exitCode !== 0;
    },
    holders: () => ["new", "old"].filter((stack) => /"name": ?"vm-101"/.test(stateOf(stack))),
    async vmIds() {
      const machines = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
      return machines
        .map(({ vmid }) => vmid)
        .filter((vmId) => vmId < 9000)
        .toSorted();
    },
    hooksRun: () =>
      readFileSync(join(root, "hook.log"), "utf8")
        .split("\n")
        .filter((line) => line !== ""),
    async close() {
      await repository.close();
      server?.close();
    },
  };
}

async function pathOf(repository: TestRepository, binary: string): Promise<string> {
  return (await repository.run("which", [binary])).stdout.trim();
}
