import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import { objectSection } from "../../legacy/section.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { createRules, deleteRules, readRules, updateRules } from "./change-rules.ts";
import { firewallPath, idOfPath, parseMachineScope } from "./firewall-scope.ts";
import { createRuleApi } from "./rule-api.ts";
import { ruleBehaviours } from "./rule-values.ts";

/** proxmox_virtual_environment_firewall_rules: all rules of one firewall, in order. */
export function firewallRules(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: ruleBehaviours,
    create: async (data, session, warn) => {
      const path = `${firewallPath(data.now)}/rules`;
      await createRules(createRuleApi(path, session), data.now.blocks("rule"));
      data.id = idOfPath("rule", path);
      await readAll(data, session, warn);
    },
    read: readAll,
    update: async (data, session, warn) => {
      const api = createRuleApi(`${firewallPath(data.now)}/rules`, session);
      await updateRules(api, data.before.blocks("rule"), data.now.blocks("rule"));
      await readAll(data, session, warn);
    },
    remove: (data, session) =>
      deleteRules(createRuleApi(`${firewallPath(data.now)}/rules`, session), data.now.blocks("rule")),
    parseImportId: (id) => {
      const scope = importedScope(id);
      return { ...scope, id: idOfPath("rule", `${firewallPath(objectSection(scope))}/rules`) };
    },
  });
}

const readAll: Operation = async (data, session) => {
  const api = createRuleApi(`${firewallPath(data.now)}/rules`, session);
  data.set("rule", await readRules(api));
};

function importedScope(id: string): ValueObject {
  if (id === "cluster") return {};
  if (id.startsWith("node/")) {
    const node = id.slice("node/".length);
    if (node === "") throw new Error(`invalid node import ID: node name cannot be empty in ${id}`);
    return { node_name: node };
  }
  const imported = parseMachineScope(id, "", true);
  if (imported === undefined) {
    const expected = "'cluster', 'vm/<node_name>/<vm_id>', or 'container/<node_name>/<container_id>'";
    throw new Error(`invalid import ID: ${id} (expected: ${expected})`);
  }
  return imported.scope;
}
