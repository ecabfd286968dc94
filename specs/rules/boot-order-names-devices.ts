import { didYouMean } from "../did-you-mean.ts";
import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** The boot order names devices that the machine has, each once: the server refuses others only after the clone. */
export const bootOrderNamesDevices: Rule = {
  name: "boot-order-names-devices",
  check: eachMachine(function* ({ spec }) {
    const devices = [
      ...spec.disks.map(({ slot }) => slot),
      spec.cloudInit.slot,
      ...spec.networks.map((_, index) => `net${index}`),
    ];
    const order = spec.boot.order.map((device, index) => ({ device, pointer: `/boot/order/${index}` }));
    for (const { device, pointer } of order) {
      if (devices.includes(device)) continue;
      const hint = didYouMean(device, devices) || ` (expected one of ${devices.join(", ")})`;
      yield { pointer, message: `"${device}" is no device of the machine${hint}` };
    }
    for (const { again } of findRepeated(order, ({ device }) => device)) {
      yield {
        pointer: again.pointer,
        message: `"${again.device}" is there twice (expected each device once)`,
      };
    }
  }),
};
