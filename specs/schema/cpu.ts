import { Type } from "typebox";
import { defaulted, onChange, section } from "./keys.ts";

/** Processor: cores, model and share of the node's time. */
export const cpu = section(
  `Processor. ${onChange.powerCycle} (vcpus alone is live if hardware.hotplug has "cpu".)`,
  {
    cores: defaulted(
      Type.Integer({ minimum: 1, maximum: 2304, description: "Cores per socket. Default: 1." }),
      1,
    ),
    sockets: defaulted(Type.Integer({ minimum: 1, maximum: 16, description: "Sockets. Default: 1." }), 1),
    type: defaulted(
      Type.String({
        minLength: 1,
        description:
          'Model the guest sees: a name that Proxmox VE knows, "host", or "custom-<name>" for a model of the cluster. ' +
          'Live migration needs a model that every node can offer. Default: "x86-64-v2-AES".',
        examples: ["x86-64-v2-AES", "x86-64-v3", "x86-64-v4", "host"],
      }),
      "x86-64-v2-AES",
    ),
    numa: defaulted(
      Type.Boolean({
        description: "Gives the guest a NUMA topology; needed for memory.hugepages and numa. Default: false.",
      }),
      false,
    ),
    flags: defaulted(
      Type.Array(Type.String(), {
        description: 'CPU flags to add ("+aes") or to take away ("-pcid"). Default: none.',
        examples: [["+aes", "-pcid"]],
      }),
      [],
    ),
    limit: defaulted(
      Type.Number({
        minimum: 0,
        maximum: 128,
        description:
          "Upper bound of processor time, in cores of the node (1.5 = one and a half); 0 = no bound. Default: 0.",
      }),
      0,
    ),
    units: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 262144,
        description:
          "Weight against the node's other machines when processor time is short. Default: the node's (100 under cgroup v2).",
      }),
    ),
    vcpus: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2304,
        description: "How many of cores x sockets are plugged in at start. Default: all of them.",
      }),
    ),
  },
);
