/**
 * How much longer than the bare CDK library the way from spec files to cdk.tf.json takes: whole processes, both sides
 * in turn in one run. `npm run bench` prints medians, the ratio of the medians and peak memory.
 * Usage: synth.ts [rounds, default 5]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { argv } from "node:process";
import { name, spec } from "./machines.ts";

const counts = [1, 100, 1000] as const;
const rounds = Number(argv[2] ?? 5);
const reportPeak = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write("\\npeakKiB=" + process.resourceUsage().maxRSS + "\\n"))',
)}`;

interface Sample {
  readonly ms: number;
  readonly peakMiB: number;
}

/** A repository with nothing but the specs of `count` machines and an empty flake. */
function writeRepository(count: number): string {
  const root = mkdtempSync(join(tmpdir(), "nixherd-bench-"));
  const folder = join(root, "vm-specs", "bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, "flake.nix"), "{ outputs = _: { }; }\n");
  const template = { name: "bench-v1", rootDisk: { slot: "virtio0", sizeGiB: 4 } };
  writeFileSync(join(root, "vm-specs", "_site.json"), JSON.stringify({ templates: { bench: template } }));
  for (let index = 0; index < count; index++) {
    writeFileSync(join(folder, `${name(index)}.json`), JSON.stringify(spec(index)));
  }
  return root;
}

function measure(args: readonly string[], cwd: string): Sample {
  const start = performance.now();
  const result = spawnSync(process.execPath, ["--import", reportPeak, ...args], {
    cwd,
    env: { ...process.env, CDKTN_DISABLE_CREATION_STACK: "1" },
    encoding: "utf8",
  });
  const ms = performance.now() - start;
  const peak = /peakKiB=(\d+)/.exec(result.stderr)?.[1];
  if (result.status !== 0 || peak === undefined)
    throw new Error(`${args.join(" ")} failed:\n${result.stderr}`);
  return { ms, peakMiB: Number(peak) / 1024 };
}

/** The two sides must build the same machines, or the ratio says nothing. */
function checkSameMachines(ours: string, bare: string, count: number): void {
  const machines = [ours, bare].map((folder) => {
    const text = readFileSync(join(folder, "stacks", "bench", "cdk.tf.json"), "utf8");
    const { proxmox_virtual_environment_vm: vms, terraform_data: hooks } = JSON.parse(text).resource;
    return { vms: withoutMetadata(vms), hooks: Object.keys(hooks).length };
  });
  if (JSON.stringify(machines[0]) !== JSON.stringify(machines[1]) || machines[0]?.hooks !== count) {
    throw new Error(`the two sides built different machines: compare ${ours} and ${bare}`);
  }
}

function withoutMetadata(resources: Record<string, Record<string, unknown>>): unknown {
  return Object.entries(resources).map(([id, { "//": _, ...attributes }]) => [id, attributes]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function compare(count: number): void {
  const root = writeRepository(count);
  try {
    const ours: Sample[] = [];
    const bare: Sample[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(measure([resolve("stacks/main.ts")], root));
      bare.push(measure([resolve("bench/bare-cdk.ts"), String(count), join(root, "bare")], root));
    }
    checkSameMachines(join(root, "cdktf.out"), join(root, "bare"), count);
    printRow(count, ours, bare);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function printRow(count: number, ours: readonly Sample[], bare: readonly Sample[]): void {
  const [oursMs, bareMs] = [ours, bare].map((samples) => median(samples.map(({ ms }) => ms)));
  const [oursMiB, bareMiB] = [ours, bare].map((samples) =>
    Math.max(...samples.map(({ peakMiB }) => peakMiB)),
  );
  const ratio = (oursMs ?? 0) / (bareMs ?? 1);
  const cells = [
    count,
    oursMs?.toFixed(0),
    bareMs?.toFixed(0),
    `${ratio.toFixed(2)}x`,
    oursMiB?.toFixed(0),
    bareMiB?.toFixed(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

console.log(`Synthesis, whole process, median of ${rounds} rounds, Node ${process.versions.node}:`);
console.log("| machines | nixherd ms | bare CDK ms | ratio | nixherd peak MiB | bare CDK peak MiB |");
console.log("|---|---|---|---|---|---|");
for (const count of counts) compare(count);
