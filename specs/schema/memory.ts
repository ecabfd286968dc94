import { Type } from "typebox";
import { defaulted, onChange, section } from "./keys.ts";

const maxMiB = 268_435_456;

/** Main memory and how it is shared with the node. */
export const memory = section(
  `Main memory. ${onChange.powerCycle} (An increase is live if hardware.hotplug has "memory".)`,
  {
    sizeMiB: defaulted(
      Type.Integer({ minimum: 64, maximum: maxMiB, description: "Size in MiB. Default: 2048." }),
      2048,
    ),
    balloonMiB: defaulted(
      Type.Integer({
        minimum: 0,
        maximum: maxMiB,
        description:
          "What is left to the guest, in MiB, when the node runs short and takes memory back (ballooning); 0 = ballooning off. Default: 0.",
      }),
      0,
    ),
    sharedMiB: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxMiB,
        description: "Size in MiB of a memory device shared with other processes of the node. Default: none.",
      }),
    ),
    hugepages: Type.Optional(
      Type.Enum(["2", "1024", "any"], {
        description:
          'Size in MiB of the huge pages behind the memory, or "any". Needs cpu.numa. Default: ordinary pages.',
      }),
    ),
    keepHugepages: Type.Optional(
      Type.Boolean({
        description:
          "Keeps the huge pages reserved while the machine is stopped. Needs memory.hugepages. Default: false.",
      }),
    ),
  },
);
