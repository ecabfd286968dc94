import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

/** One NUMA node of the guest. */
const numaNode = section("One NUMA node of the guest.", {
  device: Type.String({ ...forms.numaDevice, description: "Slot: numa0 to numa7, each once." }),
  cpus: Type.String({
    ...forms.numberRanges,
    description: 'Cores of the guest in this node, such as "0-3" or "0;2".',
  }),
  memoryMiB: Type.Integer({ minimum: 64, maximum: 268_435_456, description: "Memory of this node, in MiB." }),
  hostNodes: Type.Optional(
    Type.String({
      ...forms.numberRanges,
      description: 'NUMA nodes of the Proxmox VE node to take it from, such as "0".',
    }),
  ),
  policy: defaulted(
    Type.Enum(["preferred", "bind", "interleave"], {
      description: 'How strictly hostNodes is kept. Default: "preferred".',
    }),
    "preferred",
  ),
});

/** NUMA topology of the guest. */
export const numa = Type.Array(numaNode, {
  maxItems: 8,
  description: `NUMA topology, for machines that are spread over processors on purpose. Needs cpu.numa. Default: none. ${onChange.powerCycle}`,
});
