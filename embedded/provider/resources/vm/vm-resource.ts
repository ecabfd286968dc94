import { legacyResource } from "../../legacy/legacy-resource.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { createVm } from "./create-vm.ts";
import { deleteVm } from "./delete-vm.ts";
import { readVm } from "./read-vm.ts";
import { updateVm } from "./update-vm.ts";
import { vmBehaviours } from "./vm-behaviours.ts";
import { vmPlanRules } from "./vm-plan-rules.ts";

/** proxmox_virtual_environment_vm. */
export function vmResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: vmBehaviours,
    customize: vmPlanRules,
    create: createVm,
    read: readVm,
    update: updateVm,
    remove: deleteVm,
    parseImportId: (id) => {
      const slash = id.indexOf("/");
      if (slash < 0) throw new Error(`unexpected format of ID (${id}), expected node/id`);
      return { node_name: id.slice(0, slash), id: id.slice(slash + 1) };
    },
  });
}
