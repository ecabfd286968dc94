import { setTimeout as sleep } from "node:timers/promises";
import type { Ask } from "./agent-channel.ts";

/** Runs a program to its end, and resolves with what it printed; one that fails or lasts too long is an error. */
export async function runThroughAgent(
  ask: Ask,
  command: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const [path = "", ...arg] = command;
  const env = ["HOME=/root", "PATH=/run/current-system/sw/bin:/run/current-system/sw/sbin"];
  const { pid } = (await ask("exec", { path, arg, env, "capture-output": true })) as { readonly pid: number };
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const status = (await ask("exec-status", { pid })) as {
      readonly exited: boolean;
      readonly exitcode?: number;
      readonly "out-data"?: string;
      readonly "err-data"?: string;
    };
    const text = (data = ""): string => Buffer.from(data, "base64").toString();
    if (status.exited && status.exitcode === 0) return text(status["out-data"]).replace(/\n$/, "");
    if (status.exited) {
      throw new Error(`exit code ${status.exitcode}: ${text(status["err-data"])} (${command.join(" ")})`);
    }
    await sleep(250);
  }
  throw new Error(`did not end within ${timeoutMs} ms: ${command.join(" ")}`);
}
