import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A provider process under test. */
export interface ProviderProcess {
  /** The value of TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  readonly pid: number;
  /** What it prints after its first line. */
  readonly lines: Interface;
  readonly stop: () => Promise<void>;
}

const main = fileURLToPath(new URL("../../../../embedded/provider/main.ts", import.meta.url));

/** Starts embedded/provider/main.ts and waits for its line; `nodeOptions` are for node itself. */
export async function startProvider(
  socket: string,
  environment: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [...nodeOptions, main, socket], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout);
  const line = await Promise.race([
    once(lines, "line").then(([first]) => String(first)),
    exited.then(([code]) => Promise.reject(new Error(`the provider ended with ${code}`))),
  ]);
  return {
    reattach: JSON.stringify((JSON.parse(line) as { reattach: object }).reattach),
    pid: child.pid ?? 0,
    lines,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
