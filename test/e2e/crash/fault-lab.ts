import { resolve } from "node:path";
import { execa } from "execa";
import type { FaultRule } from "../../../embedded/pve/faults/fault-rule.ts";
import { setFaults } from "../../../embedded/pve/faults/set-faults.ts";
import { isTemplate } from "../../../embedded/pve/state/vm.ts";
import { machine, site } from "../machine-specs.ts";
import { createTestRepository, type TestRepository } from "../test-repository.ts";

/** What it took until every machine was there. */
export interface FaultFigures {
  readonly exitCode: number | undefined;
  readonly output: string;
  /** Applies that were begun, the first one included. */
  readonly rounds: number;
  /** Waits before something was tried again. */
  readonly retries: number;
  /** Calls of the API that a fault could meet, and that one met. */
  readonly calls: number;
  readonly failedCalls: number;
  /** VMIDs of the machines on the cluster that run and are not locked. */
  readonly running: readonly number[];
}

/** One in ten calls of every kind fails in one of four ways, before or after its work; tasks are slow or fail at a lock. */
export function tenPercent(): readonly FaultRule[] {
  const often = { probability: 0.025 };
  return [
    { fault: "status", status: 500, call: "* /nodes/*/qemu/**", ...often },
    { fault: "status", status: 596, ...often },
    { fault: "status", status: 599, afterWork: true, ...often },
    { fault: "reset", ...often },
    { fault: "task-failure", probability: 0.1 },
    { fault: "task-duration", ms: 300, probability: 0.1 },
  ];
}

/** Applies a stack of new machines while the API fails, ends the faults, and tells what it took. */
export async function applyUnderFaults(
  binary: string,
  machineCount: number,
  { seed, rules }: { readonly seed: number; readonly rules: readonly FaultRule[] },
): Promise<FaultFigures> {
  const specs = Array.from({ length: machineCount }, (_, index) => [
    `demo/web-${index + 1}`,
    machine(101 + index, { nixos: false }),
  ]);
  const repository = await createTestRepository(binary, { _site: site, ...Object.fromEntries(specs) });
  // Faults inside the machines are another matter.
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  try {
    setFaults(repository.cluster, { seed, rules });
    const { exitCode, all, stdout } = await apply(repository);
    const met = repository.cluster.faults.rules.filter(({ rule }) =>
      ["status", "reset"].includes(rule.fault),
    );
    const calls = Math.max(...met.map(({ matched }) => matched));
    const failedCalls = met.reduce((total, { applied }) => total + applied, 0);
    const events = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    const count = (event: string) => events.filter((entry) => entry.event === event).length;
    return {
      exitCode,
      output: all,
      rounds: count("applied"),
      retries: count("retry"),
      calls,
      failedCalls,
      running: runningMachines(repository),
    };
  } finally {
    await repository.close();
  }
}

async function apply({ root, environment }: TestRepository) {
  return execa(process.execPath, [resolve("cli/nixherd.js"), "apply", "demo", "--yes", "--json"], {
    cwd: root,
    env: environment,
    reject: false,
    all: true,
    stdin: "ignore",
    timeout: 1_500_000,
  });
}

function runningMachines({ cluster }: TestRepository): number[] {
  return [...cluster.vms.values()]
    .filter((vm) => !isTemplate(vm) && vm.process !== undefined && vm.config["lock"] === undefined)
    .map(({ vmid }) => vmid)
    .toSorted((left, right) => left - right);
}
