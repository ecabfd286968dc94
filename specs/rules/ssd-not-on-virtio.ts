import { eachMachine, type Rule } from "../rule.ts";

/** A disk on virtio is not shown as an SSD: the server ignores it there and every plan wants it again. */
export const ssdNotOnVirtio: Rule = {
  name: "ssd-not-on-virtio",
  check: eachMachine(function* ({ spec }) {
    for (const [index, { slot, ssd }] of spec.disks.entries()) {
      if (!ssd || !slot.startsWith("virtio")) continue;
      yield {
        pointer: `/disks/${index}/ssd`,
        message: `does nothing on ${slot} (expected a scsi, sata or ide slot, or false)`,
      };
    }
  }),
};
