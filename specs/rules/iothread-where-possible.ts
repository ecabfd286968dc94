import { mayHaveIothread } from "../resolve-machine.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A disk has a thread of its own only where there can be one. */
export const iothreadWherePossible: Rule = {
  name: "iothread-where-possible",
  check: eachMachine(function* ({ spec }) {
    for (const [index, { iothread, slot }] of spec.disks.entries()) {
      if (!iothread || mayHaveIothread(slot, spec)) continue;
      const message = `is not possible on ${slot} (expected a virtio slot, or a scsi slot under hardware.scsi "virtio-scsi-single")`;
      yield { pointer: `/disks/${index}/iothread`, message };
    }
  }),
};
