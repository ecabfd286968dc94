import { findRepeated } from "../find-repeated.ts";
import type { Rule } from "../rule.ts";

/** No two machines of the fleet have the same VMID: it is a machine's identity on the cluster. */
export const uniqueVmId: Rule = {
  name: "unique-vm-id",
  *check({ machines }) {
    for (const { first, again } of findRepeated(machines, ({ spec }) => String(spec.vmId))) {
      const message = `${again.spec.vmId} is taken by ${first.file} (expected a VMID of its own)`;
      yield { machine: again, pointer: "/vmId", message };
    }
  },
};
