import { setTimeout as sleep } from "node:timers/promises";
import { createClient, waitForTask } from "../../pve/api-client.ts";
import type { OutsideEvent, Recording } from "./recording.ts";
import { outsiderId, type StagedPve } from "./stage-pve.ts";

/** The numbers of the calls of a phase before which something happened beside the step. */
export function eventTimes(recording: Recording, phase: string): readonly number[] {
  return [...new Set(eventsOf(recording, phase).map(({ call }) => call))];
}

/** Lets happen what happened before a call. */
export async function letHappen(
  stage: StagedPve,
  recording: Recording,
  phase: string,
  call: number,
): Promise<void> {
  for (const event of eventsOf(recording, phase)) {
    if (event.call === call)
      await ("powersOff" in event ? powerOff(stage, event.powersOff) : ask(stage, event));
  }
}

function eventsOf({ server }: Recording, phase: string): readonly OutsideEvent[] {
  return (server?.outside ?? []).filter((event) => event.phase === phase);
}

async function powerOff({ pve, guests }: StagedPve, vmid: number): Promise<void> {
  guests.powerOff(vmid);
  const deadline = Date.now() + 10_000;
  while (pve.cluster.vms.get(vmid)?.process !== undefined) {
    if (Date.now() > deadline) throw new Error(`VM ${vmid} did not power off`);
    await sleep(5);
  }
}

async function ask({ pve }: StagedPve, event: Exclude<OutsideEvent, { powersOff: number }>): Promise<void> {
  const { method, path, params } = event;
  const client = createClient(pve, pve.tokens[outsiderId]);
  const { status, reason, data } = await client(method, path, { params });
  if (status !== 200) throw new Error(`${method} ${path} from outside: ${status} ${reason}`);
  if (String(data).startsWith("UPID:")) await waitForTask(client, data);
}
