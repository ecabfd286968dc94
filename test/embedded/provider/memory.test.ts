import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, credentials, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, expect, test } from "vitest";
import { blockType, providerSchema } from "../../../embedded/provider/schema/schema.ts";
import { encodeValue } from "../../../embedded/provider/wire/dynamic-value.ts";
import type { ValueObject } from "../../../embedded/provider/wire/value.ts";
import { startPve } from "../../../embedded/pve/start-pve.ts";
import { startProvider } from "./recorded-runs/start-provider.ts";

const folder = await mkdtemp(join(tmpdir(), "memory-"));
const pve = await startPve();
const socket = join(folder, "socket");
const roots = join(folder, "ca.pem");
await writeFile(roots, pve.caPem);
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const environment = {
  PROXMOX_VE_ENDPOINT: pve.endpoint,
  PROXMOX_VE_API_TOKEN: Object.values(pve.tokens)[0] ?? "",
  SSL_CERT_FILE: roots,
};
const probe = `--import=${new URL("./memory-probe.ts", import.meta.url).href}`;
const provider = await startProvider(socket, environment, ["--expose-gc", probe]);

afterAll(async () => {
  await provider.stop();
  await pve.stop();
  await rm(folder, { recursive: true });
});

test("the process does not grow with the number of runs that it has served", async () => {
  await serveRuns(30);
  const before = await memory();
  await serveRuns(120);
  const after = await memory();
  expect(after.heapUsed / before.heapUsed).toBeLessThan(1.2);
  expect(after.external / before.external).toBeLessThan(1.2);
  // Native memory, parsed certificates above all, shows here only.
  expect(after.rss / before.rss).toBeLessThan(1.4);
});

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

async function memory(): Promise<Memory> {
  const told = once(provider.lines, "line") as Promise<[string]>;
  process.kill(provider.pid, "SIGUSR2");
  const [line] = await told;
  return (JSON.parse(line) as { memory: Memory }).memory;
}

const definition = loadSync(fileOf("../../../embedded/provider/wire/tfplugin6.proto"), { keepCase: true });
const { tfplugin6 } = loadPackageDefinition(definition) as unknown as {
  tfplugin6: { Provider: new (address: string, channel: object) => Client & Record<string, Call> };
};
type Call = (request: object, done: (error: Error | null, response: object) => void) => void;

/** What Terraform does in a run, as far as memory goes: a connection, the schema, a configuration, calls to the API. */
async function serveRuns(count: number): Promise<void> {
  for (let run = 0; run < count; run += 1) {
    const client = new tfplugin6.Provider(`unix:${socket}`, credentials.createInsecure());
    const call = (name: string, request: object): Promise<{ diagnostics?: readonly object[] }> =>
      new Promise((resolve, reject) => {
        client[name]?.(request, (error, response) => (error === null ? resolve(response) : reject(error)));
      });
    await call("GetProviderSchema", {});
    await call("ConfigureProvider", { config: dynamic(providerSchema.provider.block, {}) });
    const block = providerSchema.data_source_schemas["proxmox_version"]?.block ?? {};
    const versions = Array.from({ length: 4 }, () =>
      call("ReadDataSource", { type_name: "proxmox_version", config: dynamic(block, {}) }),
    );
    for (const { diagnostics } of await Promise.all(versions)) expect(diagnostics ?? []).toEqual([]);
    client.close();
  }
}

function dynamic(block: Parameters<typeof blockType>[0], values: ValueObject): object {
  return { msgpack: encodeValue(values, blockType(block)) };
}
