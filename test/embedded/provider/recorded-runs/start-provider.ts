import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A provider process under test. */
export interface ProviderProcess {
  /** The value of TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const main = fileURLToPath(new URL("../../../../embedded/provider/main.ts", import.meta.url));

/** Starts embedded/provider/main.ts and waits for its line. */
export async function startProvider(
  socket: string,
  environment: Readonly<Record<string, string>>,
): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [main, socket], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const exited = once(child, "exit");
  return {
    reattach: JSON.stringify((JSON.parse(line) as { reattach: object }).reattach),
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
