import { splitList } from "../check/split-list.ts";
import { pciDevices, usbDevices } from "../state/node-hardware.ts";
import { type Call, type EndpointTable, optionalText } from "./endpoint.ts";

/** Memory controllers, bridges and processors are left out unless the caller says what else is. */
const defaultHidden = "05;06;0b";

function listPci(call: Call): unknown[] {
  const hidden = splitList(optionalText(call, "pci-class-blacklist") ?? defaultHidden);
  const isBrief = call.parameters["verbose"] === 0;
  return pciDevices
    .filter((device) => !hidden.some((prefix) => device.class.startsWith(`0x${prefix}`)))
    .map(({ id, ...details }) => (isBrief ? { id } : { id, ...details }));
}

export const nodeHardwareEndpoints: EndpointTable = {
  "GET /nodes/{node}/hardware": () => [{ type: "pci" }, { type: "usb" }],
  "GET /nodes/{node}/hardware/pci": listPci,
  "GET /nodes/{node}/hardware/usb": () => usbDevices,
};
