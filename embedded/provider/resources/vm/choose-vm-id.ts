import { randomInt } from "node:crypto";
import { ApiError, inContext } from "../../api/api-error.ts";
import { deadlineIn, pause } from "../../api/deadline.ts";
import type { VmOperation } from "./vm-operation.ts";

/** The next choice follows the last one for a while, because a VM that is being made is not yet on the server. */
const memoryMs = 5000;
const recent = { id: 0, untilMs: 0 };
let queue: Promise<unknown> = Promise.resolve();

/** The VMID that is configured, else a free one of the cluster. Choices wait for each other. */
export async function chooseVmId(operation: VmOperation): Promise<number> {
  const { data } = operation;
  if (data.now.number("vm_id") !== 0) return data.now.number("vm_id");
  const choice = queue.then(() => nextFreeId(operation));
  queue = choice.catch(() => undefined);
  const vmid = await choice;
  data.set("vm_id", vmid);
  return vmid;
}

async function nextFreeId({ session, deadline: outer }: VmOperation): Promise<number> {
  const deadline = deadlineIn(memoryMs + 1000, outer);
  let wish = Date.now() < recent.untilMs ? recent.id + 1 : undefined;
  const failures: string[] = [];
  for (;;) {
    if (session.vmIds.isRandom) wish = randomInt(session.vmIds.first, session.vmIds.end);
    try {
      const vmid = await askForId(session, wish, deadline);
      Object.assign(recent, { id: vmid, untilMs: Date.now() + memoryMs });
      return vmid;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      if (deadline.signal.aborted || (error instanceof ApiError && error.status === 403)) {
        throw new Error(`unable to retrieve the next available VM identifier: ${failures.join("\n")}`, {
          cause: error,
        });
      }
      if (failures.at(-1)?.includes("already exists") === true) {
        wish = await askForId(session, undefined, deadline);
      }
      await pause(200, deadline);
    }
  }
}

async function askForId(
  { api }: VmOperation["session"],
  wish: number | undefined,
  deadline: VmOperation["deadline"],
): Promise<number> {
  const parameters = wish === undefined ? {} : { vmid: String(wish) };
  const data = await inContext("error retrieving next VM ID", () =>
    api.request("GET", "cluster/nextid", deadline, parameters),
  );
  return Number(data);
}
