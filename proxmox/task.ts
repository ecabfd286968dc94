import { setTimeout as sleep } from "node:timers/promises";
import { NixherdError } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask-secrets.ts";
import type { ProxmoxClient } from "./client.ts";

/** Pauses between two questions; the first ones are short, since many tasks take less than a second. */
const pausesMs = [100, 200, 400, 800, 1500];

/**
 * Waits until a task of the cluster ended; one with warnings has succeeded. A task that outlives the deadline goes on.
 * @throws TASK_FAILED with the task's own words, and what `ProxmoxClient.get` throws
 */
export async function untilTaskEnds(client: ProxmoxClient, upid: string, timeoutMs: number): Promise<void> {
  const [, node = "", , , , type = ""] = upid.split(":");
  const deadlineMs = performance.now() + timeoutMs;
  for (let round = 0; performance.now() < deadlineMs; round += 1) {
    const { exitstatus } = (await client.get(
      `nodes/${encodeURIComponent(node)}/tasks/${encodeURIComponent(upid)}/status`,
    )) as { readonly exitstatus?: string };
    if (exitstatus !== undefined) return judge(type, exitstatus);
    await sleep(pausesMs[Math.min(round, pausesMs.length - 1)]);
  }
  throw new NixherdError("TASK_FAILED", {
    message: `The task ${type} on node ${node} did not end within ${timeoutMs / 60_000} min; it goes on.`,
    hint: "Look at the node's tasks; what it makes may have to be removed by hand.",
  });
}

function judge(type: string, exitStatus: string): void {
  if (/^(?:OK|WARNINGS)/.test(exitStatus)) return;
  throw new NixherdError("TASK_FAILED", {
    message: `The task ${type} of Proxmox VE failed: ${maskSecrets(exitStatus)}`,
    hint: "Its log is among the node's tasks; correct what it names and run the command again.",
  });
}
