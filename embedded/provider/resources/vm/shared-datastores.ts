import { inContext } from "../../api/api-error.ts";
import type { VmApi } from "../../api/vm-api.ts";
import { parseProperties } from "./property-string.ts";
import { datastoreOf, storageDevices } from "./storage-device.ts";
import type { VmOperation } from "./vm-operation.ts";

/** Whether every datastore that a VM uses is shared; asks the server until one is not. */
export async function allDatastoresShared({ session, deadline }: VmOperation, vm: VmApi): Promise<boolean> {
  const config = await vm.config(deadline);
  const disks = [...storageDevices(config).values()]
    .filter(({ volume }) => volume !== "none")
    .map(datastoreOf);
  const state = [config["efidisk0"], config["tpmstate0"]]
    .filter((text) => typeof text === "string")
    .map((text) => (parseProperties(text, "file").get("file") ?? "").split(":")[0] ?? "");
  for (const datastore of new Set([...disks, ...state])) {
    const path = `nodes/${encodeURIComponent(vm.node)}/storage/${encodeURIComponent(datastore)}/status`;
    const status = await inContext("error retrieving datastore status", () =>
      session.api.request("GET", path, deadline),
    );
    if ((status as { shared?: unknown } | undefined)?.shared === 0) return false;
  }
  return true;
}
