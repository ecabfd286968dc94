/**
 * How long a change takes from the saved spec to the cluster, over an embedded one: the watcher and `nixherd apply` in
 * stacks of different sizes, next to each other in one run; and `cdktf deploy` for the same change. Every figure is the
 * best of some rounds, the watcher's without the time that it waits for further changes, so that what else runs on the computer counts least. The ratios are what to look at.
 * Usage: reconcile.ts [--large] [rounds, default 5]; --large has a stack of 1,000 machines too, which takes minutes.
 */
import { readFileSync, utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeMemory } from "../reconcile/watch/stack-memory.ts";
import { readSynthesized } from "../terraform/stack-configuration.ts";
import { type BenchWatcher, startBenchWatcher } from "./bench-watcher.ts";
import {
  type BenchStack,
  type ClusterRepository,
  createClusterRepository,
  quietMs,
} from "./cluster-repository.ts";
import { name } from "./machines.ts";

const args = process.argv.slice(2);
const isLarge = args.includes("--large");
const rounds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 5);
const sizes = isLarge ? [1, 100, 1000] : [1, 100];
const sideBySide = 20;

let nextIndex = 0;
const stackOf = (stackName: string, size: number): BenchStack => ({
  name: stackName,
  machines: Array.from({ length: size }, () => nextIndex++),
});
const sized = sizes.map((size) => stackOf(`size-${size}`, size));
const small = Array.from({ length: sideBySide }, (_, at) => stackOf(`side-${at}`, 1));
const [one = stackOf("size-1", 1)] = sized;

let edits = 0;

/** Saves a live change of one machine of the stack. */
function edit(repository: ClusterRepository, stack: BenchStack): void {
  edits += 1;
  repository.write(stack, stack.machines[0] ?? 0, `edit ${edits}`);
}

async function best(measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) least = Math.min(least, await measure());
  return least;
}

async function took(step: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await step();
  return performance.now() - startedAtMs;
}

function print(what: string, ms: number, comparedMs: number, compared: string): void {
  console.log(`| ${what} | ${ms.toFixed(0)} | ${(ms / comparedMs).toFixed(2)}x ${compared} |`);
}

/** From the saved files to the end of the runs that apply them, without the wait for further changes. */
async function untilApplied(
  repository: ClusterRepository,
  watcher: BenchWatcher,
  stacks: readonly BenchStack[],
): Promise<number> {
  const ms = await took(async () => {
    const ready = watcher.untilReady(stacks.map((stack) => stack.name));
    for (const stack of stacks) edit(repository, stack);
    await ready;
  });
  return ms - quietMs;
}

/** From the saved file to the plan that it leads to, likewise. */
async function untilPlanned(repository: ClusterRepository, watcher: BenchWatcher): Promise<number> {
  const before = readFileSync(repository.planLog, "utf8").length;
  const savedAtMs = Date.now();
  await untilApplied(repository, watcher, [one]);
  const [line = ""] = readFileSync(repository.planLog, "utf8").slice(before).split("\n");
  return Number(BigInt(line) / 1_000_000n) - savedAtMs - quietMs;
}

async function measureWatcher(repository: ClusterRepository, synthesisMs: number): Promise<void> {
  const watcher = await startBenchWatcher(repository.root, repository.environment);
  try {
    // It plans every stack whole once.
    await watcher.untilReady([...sized, ...small].map((stack) => stack.name));
    const plannedMs = await best(() => untilPlanned(repository, watcher));
    print("watcher: saved spec -> Terraform started", plannedMs, synthesisMs, "of a synthesis alone");
    const oneMs = await best(() => untilApplied(repository, watcher, [one]));
    for (const stack of sized) {
      const ms = stack === one ? oneMs : await best(() => untilApplied(repository, watcher, [stack]));
      const machines = `${stack.machines.length} machine${stack === one ? "" : "s"}`;
      print(`watcher: saved spec -> applied, stack of ${machines}`, ms, oneMs, "of a stack of 1");
    }
    const manyMs = await best(() => untilApplied(repository, watcher, small));
    print(`watcher: the same in ${sideBySide} stacks at once`, manyMs, oneMs, "of one stack");
  } finally {
    await watcher.end();
  }
}

/** A file that is saved as it was. */
async function measureNothing(): Promise<void> {
  const thousand = stackOf("thousand", 1000);
  const repository = await createClusterRepository([thousand]);
  try {
    await rememberAsApplied(repository, thousand);
    const synthesisMs = await best(() => took(() => synthesize(repository)));
    const watcher = await startBenchWatcher(repository.root, repository.environment);
    const file = join(repository.root, "vm-specs", "thousand", `${name(thousand.machines[0] ?? 0)}.json`);
    const ms = await best(() =>
      took(async () => {
        const known = watcher.next(({ event }) => event === "unchanged");
        utimesSync(file, new Date(), new Date());
        await known;
      }),
    );
    print("watcher: a file saved as it was, 1,000 specs", ms - quietMs, synthesisMs, "of a synthesis alone");
    await watcher.end();
  } finally {
    await repository.close();
  }
}

/** As if every machine had been applied: nothing but the specs decides here. */
async function rememberAsApplied(repository: ClusterRepository, stack: BenchStack): Promise<void> {
  await synthesize(repository);
  const folder = join(repository.root, "cdktf.out", "stacks", stack.name);
  const memory = { applied: await readSynthesized(folder), attempted: "nothing" as const };
  await writeMemory(repository.root, stack.name, memory);
}

function synthesize(repository: ClusterRepository): Promise<void> {
  return repository.run(process.execPath, [resolve("cli/nixherd.js"), "synth"]);
}

async function main(): Promise<void> {
  const repository = await createClusterRepository([...sized, ...small]);
  try {
    const nixherd = (...words: string[]) =>
      repository.run(process.execPath, [resolve("cli/nixherd.js"), ...words]);
    const compared = "of cdktf deploy";
    await nixherd("apply", "--yes");
    console.log(`Best of ${rounds} rounds, over an embedded cluster, Node ${process.versions.node}:`);
    console.log("| what | ms | ratio |");
    console.log("|---|---|---|");
    const synthesisMs = await best(() => took(() => synthesize(repository)));
    await measureWatcher(repository, synthesisMs);
    const apply = (stack: BenchStack) =>
      took(async () => {
        edit(repository, stack);
        await nixherd("apply", stack.name, "--yes");
      });
    const deploy = () =>
      took(async () => {
        edit(repository, one);
        await repository.run(resolve("node_modules/.bin/cdktf"), ["deploy", one.name, "--auto-approve"]);
      });
    const deployMs = await best(deploy);
    print("npx cdktf deploy, the same change, stack of 1 machine", deployMs, deployMs, compared);
    print("nixherd apply, likewise", await best(() => apply(one)), deployMs, compared);
  } finally {
    await repository.close();
  }
  await measureNothing();
}

await main();
