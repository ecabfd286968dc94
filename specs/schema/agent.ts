import { Type } from "typebox";
import { defaulted, onChange, section } from "./keys.ts";

/** The QEMU guest agent. */
export const agent = section(
  `The QEMU guest agent: clean shutdown, addresses, host key. ${onChange.powerCycle}`,
  {
    enabled: defaulted(
      Type.Boolean({
        description:
          "The guest runs the agent (nixherd's NixOS module does). Without it the machine is switched off hard when it must stop. Default: true.",
      }),
      true,
    ),
    timeoutSeconds: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 3600,
        description:
          "Longest wait for the agent to name an address, in seconds; each plan of a silent machine waits as long. Default: 120.",
      }),
      120,
    ),
    waitForIp: defaulted(
      Type.Enum(["auto", "none", "any", "ipv4", "ipv6"], {
        description:
          'Which address must be there before the machine counts as created. "auto": "none" if the first network has a fixed address, ' +
          'there is no network or the agent is off, else "any". Default: "auto".',
      }),
      "auto",
    ),
    trim: defaulted(
      Type.Boolean({
        description: "Runs fstrim in the guest after disks were moved or migrated. Default: false.",
      }),
      false,
    ),
    type: defaulted(
      Type.Enum(["virtio", "isa"], { description: 'Channel between node and agent. Default: "virtio".' }),
      "virtio",
    ),
  },
);
