import type { Parameters } from "../../api/api-client.ts";
import { withContext } from "../../api/api-error.ts";
import type { VmOperation } from "./vm-operation.ts";

/** Moves the VM to another pool. Taking it out of every pool is silently not done. */
export async function moveBetweenPools(operation: VmOperation): Promise<void> {
  const { data } = operation;
  const [before, after] = [data.before.text("pool_id"), data.now.text("pool_id")];
  if (before === after || after === "") return;
  if (before !== "") {
    const what = `while removing VM ${data.id} from pool ${before}`;
    await updatePool(operation, before, { delete: "1", vms: data.id }, what);
  }
  await updatePool(operation, after, { vms: data.id }, `while adding VM ${data.id} to pool ${after}`);
}

async function updatePool(
  { session, deadline }: VmOperation,
  pool: string,
  parameters: Parameters,
  what: string,
): Promise<void> {
  try {
    await session.api.request("PUT", `pools?poolid=${encodeURIComponent(pool)}`, deadline, parameters);
  } catch (error) {
    throw withContext(`${what}: error updating pool`, error);
  }
}
