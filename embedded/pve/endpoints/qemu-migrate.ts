import { imageStorage } from "../config/allocate-drive.ts";
import { isCloudInitFile } from "../config/drives.ts";
import { badParameters, failure } from "../http/api-error.ts";
import { localDisksOf, migrateVm } from "../machine/migrate-vm.ts";
import type { TaskContext } from "../state/task.ts";
import { checkLock, type Vm } from "../state/vm.ts";
import { checkNodeExists } from "./check-existing.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";
import { haMigrate, throughHa } from "./ha-commands.ts";
import { startVmTask, vmOf } from "./vm-call.ts";

function showPreconditions(call: Call): Record<string, unknown> {
  const { cluster } = call;
  const vm = vmOf(call);
  const others = [...cluster.nodes.keys()].filter((node) => node !== vm.node);
  return {
    running: vm.process === undefined ? 0 : 1,
    allowed_nodes: others,
    local_disks: localDisksOf(cluster, vm).map(({ volid, sizeBytes }) => ({ volid, size: sizeBytes })),
    local_resources: [],
    "mapped-resources": [],
  };
}

function checkMigration(call: Call, vm: Vm, target: string): void {
  if (target === vm.node) throw badParameters({ target: "target is local node." });
  checkLock(vm);
  if (vm.process !== undefined && !flag(call, "online"))
    throw failure("can't migrate running VM without --online");
}

/** Every volume needs a place on the target, the same storage unless `targetstorage` names another. */
function targetStorageOf(call: Call): string | undefined {
  const storage = optionalText(call, "targetstorage");
  return storage === undefined || storage === "1" ? undefined : imageStorage(call.cluster, storage).name;
}

/** Cloud-init drives always come along; disks only when that is asked for. */
function checkLocalDisks(call: Call, vm: Vm): void {
  const disks = localDisksOf(call.cluster, vm).filter(({ volid }) => !isCloudInitFile(volid));
  if (disks.length > 0 && vm.process !== undefined && !flag(call, "with-local-disks")) {
    throw failure("can't live migrate attached local disks without with-local-disks option");
  }
}

function migrate(call: Call): string {
  const target = text(call, "target");
  checkNodeExists(call, target);
  const vm = vmOf(call);
  checkMigration(call, vm, target);
  const storage = targetStorageOf(call);
  const work = ({ log }: TaskContext) => {
    checkLocalDisks(call, vm);
    migrateVm(call.cluster, vm, { target, storage, log });
  };
  return throughHa(call, vm, haMigrate(call, vm, target), () =>
    startVmTask(call, vm, { type: "qmigrate", work }),
  );
}

export const qemuMigrateEndpoints: EndpointTable = {
  "GET /nodes/{node}/qemu/{vmid}/migrate": showPreconditions,
  "POST /nodes/{node}/qemu/{vmid}/migrate": migrate,
};
