import { mayHaveIothread } from "../resolve-machine.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** Several queues need a device that has them, and no more of them than the machine has processors. */
export const queuesFitDevice: Rule = {
  name: "queues-fit-device",
  check: eachMachine(function* ({ spec }) {
    const processors = spec.cpu.cores * spec.cpu.sockets;
    for (const [index, { model, queues }] of spec.networks.entries()) {
      const pointer = `/networks/${index}/queues`;
      if (queues === undefined) continue;
      if (model !== "virtio")
        yield { pointer, message: `does nothing on a card of model "${model}" (expected model "virtio")` };
      if (queues > processors)
        yield {
          pointer,
          message: `is more than there are processors (expected at most ${processors}, got ${queues})`,
        };
    }
    for (const [index, { queues, slot }] of spec.disks.entries()) {
      if (queues === undefined || (slot.startsWith("scsi") && mayHaveIothread(slot, spec))) continue;
      const message = `does nothing on ${slot} (expected a scsi slot under hardware.scsi "virtio-scsi-single")`;
      yield { pointer: `/disks/${index}/queues`, message };
    }
  }),
};
