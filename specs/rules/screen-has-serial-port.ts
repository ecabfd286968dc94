import { eachMachine, type Rule } from "../rule.ts";

/** A screen that is a serial port needs that port: otherwise the machine does not start. */
export const screenHasSerialPort: Rule = {
  name: "screen-has-serial-port",
  check: eachMachine(function* ({ spec: { hardware } }) {
    const type = hardware.vga?.type;
    if (!type?.startsWith("serial")) return;
    const port = Number(type.slice("serial".length));
    if (port < hardware.serial.length) return;
    const message = `needs a serial port that is not there (expected ${port + 1} entries in hardware.serial, got ${hardware.serial.length})`;
    yield { pointer: "/hardware/vga/type", message };
  }),
};
