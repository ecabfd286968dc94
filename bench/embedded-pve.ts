/**
 * Measures the embedded Proxmox VE with 1,000 machines: how long lists take, what keeping the state adds to a change,
 * and how much memory it holds. Ends with 1 when a list or the memory is over its limit.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type RunningPve, startPve } from "../embedded/pve/start-pve.ts";

const machines = 1000;
const rounds = 50;
const listLimitMs = 50;
const memoryLimitMiB = 300;
const tokenId = "terraform@pve!provider";
const lists = [
  "/cluster/resources",
  "/cluster/resources?type=vm",
  "/nodes/pve1/qemu",
  "/nodes/pve1/storage/local-lvm/content",
  "/nodes/pve1/tasks?limit=500",
];
/** One connection, used again: TLS handshakes are not what is measured. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Sends one request and gives the size of its answer in bytes. */
function send(pve: RunningPve, method: string, path: string, body?: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    authorization: `PVEAPIToken=${pve.tokens[tokenId]}`,
    ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
  };
  const url = new URL(`api2/json${path}`, pve.endpoint);
  const outgoing = request(url, { method, ca: pve.caPem, headers, agent }, (answer) => {
    let bytes = 0;
    answer.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    answer.on("end", () =>
      answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path}: ${answer.statusCode}`)),
    );
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

interface Measured {
  readonly medianMs: number;
  readonly worstMs: number;
}

async function measure(step: (round: number) => Promise<unknown>): Promise<Measured> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await step(round);
    times.push(performance.now() - startedAt);
  }
  const sorted = times.toSorted((one, other) => one - other);
  return { medianMs: sorted[rounds / 2] ?? 0, worstMs: sorted.at(-1) ?? 0 };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printMeasured(name: string, { medianMs, worstMs }: Measured, more = ""): void {
  print(`${name}: median ${medianMs.toFixed(1)} ms, worst ${worstMs.toFixed(1)} ms${more}`);
}

function checkLimit(name: string, value: number, limit: number): void {
  if (value <= limit) return;
  print(`OVER THE LIMIT: ${name}`);
  process.exitCode = 1;
}

async function cloneAll(pve: RunningPve): Promise<void> {
  const startedAt = performance.now();
  for (let index = 0; index < machines; index += 1) {
    await send(pve, "POST", "/nodes/pve1/qemu/9000/clone", `newid=${10_000 + index}&name=m${index}&full=1`);
  }
  print(`${machines} clones, one after another: ${(performance.now() - startedAt).toFixed(0)} ms`);
}

async function measureLists(pve: RunningPve): Promise<void> {
  for (const path of lists) {
    const bytes = await send(pve, "GET", path);
    const measured = await measure(() => send(pve, "GET", path));
    printMeasured(path, measured, `, ${(bytes / 1024).toFixed(0)} KiB (limit ${listLimitMs} ms)`);
    checkLimit(path, measured.medianMs, listLimitMs);
  }
}

async function measureChanges(pve: RunningPve): Promise<void> {
  const change = (round: number) =>
    send(pve, "PUT", `/nodes/pve1/qemu/${10_000 + round}/config`, `memory=${2048 + round}`);
  printMeasured("one change of a machine", await measure(change));
  const many = (round: number) =>
    Promise.all(Array.from({ length: 20 }, (_, at) => change((round * 20 + at) % machines)));
  printMeasured("20 changes in a row", await measure(many));
}

async function run(name: string, stateFile: string | undefined): Promise<void> {
  const kept = stateFile === undefined ? {} : { stateFile };
  const delays = { taskMs: 0, statusRoundMs: 0 };
  const pve = await startPve({ tokens: [{ id: tokenId }], delays, ...kept });
  print(`--- ${name}`);
  await cloneAll(pve);
  await measureLists(pve);
  await measureChanges(pve);
  await pve.stop();
}

/** Of the whole process, client included, so it only means something after the first run. */
function checkMemory(): void {
  const memoryMiB = process.memoryUsage().rss / 1024 ** 2;
  print(`memory: ${memoryMiB.toFixed(0)} MiB (limit ${memoryLimitMiB} MiB)`);
  checkLimit("memory", memoryMiB, memoryLimitMiB);
}

const folder = mkdtempSync(join(tmpdir(), "nixherd-bench-"));
try {
  const stateFile = join(folder, "cluster.jsonl");
  await run("state on disk", stateFile);
  checkMemory();
  await run("state in memory", undefined);
  print(`file: ${(statSync(stateFile).size / 1024 ** 2).toFixed(1)} MiB`);
  const startedAt = performance.now();
  const pve = await startPve({ stateFile });
  print(`start from it: ${(performance.now() - startedAt).toFixed(0)} ms`);
  await pve.stop();
} finally {
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}
