import { configWithPending } from "../config/change-config.ts";
import { unwrittenCloudInitKeys, writeCloudInit } from "../config/cloud-init.ts";
import { printCloudInit } from "../config/print-cloud-init.ts";
import { withVmLock } from "../state/vm-lock.ts";
import { type Call, type EndpointTable, text } from "./endpoint.ts";
import { vmOf } from "./vm-call.ts";

/** Keys that are listed even when the drive has their current value. */
const listedKeys = ["cicustom", "cipassword", "ciuser", "nameserver", "searchdomain", "sshkeys"];

/** Values on the cloud-init drive, and those that wait to be written to it. */
function listValues(call: Call): unknown[] {
  const vm = vmOf(call);
  const config = configWithPending(vm);
  const unwritten = new Set(unwrittenCloudInitKeys(vm, config));
  const keys = new Set([...listedKeys.filter((key) => config[key] !== undefined), ...unwritten]);
  return [...keys].map((key) => {
    const written = vm.cloudInit?.[key];
    const value = unwritten.has(key) ? written : config[key];
    return {
      key,
      ...(value === undefined ? {} : { value }),
      ...(unwritten.has(key) && config[key] !== undefined ? { pending: config[key] } : {}),
      ...(config[key] === undefined ? { delete: 1 } : {}),
    };
  });
}

async function regenerate(call: Call): Promise<null> {
  const { cluster } = call;
  const vm = vmOf(call);
  await withVmLock(cluster, vm, () => writeCloudInit(cluster, vm, configWithPending(vm)));
  return null;
}

function dump(call: Call): string {
  const vm = vmOf(call);
  const nameserver = call.cluster.nodes.get(vm.node)?.nameserver ?? "";
  return printCloudInit(text(call, "type"), { vmid: vm.vmid, config: configWithPending(vm), nameserver });
}

export const qemuCloudInitEndpoints: EndpointTable = {
  "GET /nodes/{node}/qemu/{vmid}/cloudinit": listValues,
  "PUT /nodes/{node}/qemu/{vmid}/cloudinit": regenerate,
  "GET /nodes/{node}/qemu/{vmid}/cloudinit/dump": dump,
};
