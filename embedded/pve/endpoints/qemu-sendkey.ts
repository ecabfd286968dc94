import { failure } from "../http/api-error.ts";
import { unknownKey } from "../machine/key-names.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { type Call, type EndpointTable, text } from "./endpoint.ts";
import { refuseSkipLock, vmOf } from "./vm-call.ts";

/** Keys reach a running machine; what it makes of them is its own affair. */
async function sendKey(call: Call): Promise<null> {
  refuseSkipLock(call);
  const vm = vmOf(call);
  await withVmLock(call.cluster, vm, () => {
    if (vm.process === undefined) throw failure(`VM ${vm.vmid} not running`);
    const key = text(call, "key");
    const unknown = unknownKey(key);
    if (unknown !== undefined) throw failure(`invalid parameter: ${unknown}`);
    call.cluster.guests.pressKey?.(vm.vmid, key);
  });
  return null;
}

export const qemuSendKeyEndpoints: EndpointTable = {
  "PUT /nodes/{node}/qemu/{vmid}/sendkey": sendKey,
};
