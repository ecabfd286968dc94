/** Measures the embedded Proxmox VE with 1,000 machines: how long lists take, and how much memory it holds. */
import { request } from "node:https";
import { performance } from "node:perf_hooks";
import { type RunningPve, startPve } from "../embedded/pve/start-pve.ts";

const machines = 1000;
const rounds = 20;

function get(pve: RunningPve, path: string, token: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { authorization: `PVEAPIToken=${token}` };
  const outgoing = request(
    new URL(`api2/json${path}`, pve.endpoint),
    { ca: pve.caPem, headers },
    (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on("end", () => resolve(bytes));
    },
  );
  outgoing.on("error", reject);
  outgoing.end();
  return promise;
}

function post(pve: RunningPve, path: string, token: string, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = {
    authorization: `PVEAPIToken=${token}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const options = { method: "POST", ca: pve.caPem, headers };
  const outgoing = request(new URL(`api2/json${path}`, pve.endpoint), options, (answer) => {
    answer.resume();
    answer.on("end", resolve);
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

async function cloneAll(pve: RunningPve, token: string): Promise<void> {
  for (let index = 0; index < machines; index += 1) {
    await post(pve, "/nodes/pve1/qemu/9000/clone", token, `newid=${10_000 + index}&name=m${index}&full=1`);
  }
}

async function measure(pve: RunningPve, path: string, token: string): Promise<string> {
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    bytes = await get(pve, path, token);
    times.push(performance.now() - startedAt);
  }
  const [median = 0] = times.toSorted((one, other) => one - other).slice(rounds / 2);
  return `${path}: ${median.toFixed(1)} ms, ${(bytes / 1024).toFixed(0)} KiB`;
}

const id = "terraform@pve!provider";
const pve = await startPve({ tokens: [{ id }], delays: { taskMs: 0, statusRoundMs: 0 } });
const token = pve.tokens[id] ?? "";
const startedAt = performance.now();
await cloneAll(pve, token);
process.stdout.write(`${machines} clones: ${(performance.now() - startedAt).toFixed(0)} ms\n`);
for (const path of [
  "/cluster/resources?type=vm",
  "/nodes/pve1/qemu",
  "/nodes/pve1/storage/local-lvm/content",
]) {
  process.stdout.write(`${await measure(pve, path, token)}\n`);
}
process.stdout.write(`memory: ${(process.memoryUsage().rss / 1024 ** 2).toFixed(0)} MiB\n`);
await pve.stop();
