import { deletion } from "../../api/deletion.ts";
import { comment } from "../../framework/attribute-checks.ts";
import { type AttributeRules, resourceId } from "../../framework/attribute-rules.ts";
import { clusterObject, type ObjectWords } from "../../framework/cluster-object.ts";
import {
  attributesOf,
  certainFlag,
  type ParameterRow,
  parametersOf,
  removedParameters,
  text,
} from "../../framework/parameter-table.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { haName, nodeMap } from "./ha-checks.ts";
import { nodePriorities } from "./node-priorities.ts";

const rows: readonly ParameterRow[] = [
  { attribute: "comment", parameter: "comment", codec: text },
  { attribute: "nodes", parameter: "nodes", codec: nodePriorities, isDeletable: false },
  { attribute: "no_failback", parameter: "nofailback", codec: certainFlag, isDeletable: false },
  { attribute: "restricted", parameter: "restricted", codec: certainFlag, isDeletable: false },
];

const rules: AttributeRules = {
  id: resourceId,
  group: { checks: [haName] },
  comment: { checks: comment },
  nodes: { checks: nodeMap },
  no_failback: { default: false },
  restricted: { default: false },
};

const words: ObjectWords = {
  creating: () => "error creating HA group",
  reading: () => "error reading HA group",
  updating: () => "error updating HA group",
  deleting: () => "error deleting HA group",
  createFailed: (name, error) => [`Could not create HA group '${name}'.`, error],
  updateFailed: (name, error) => [
    "Error updating HA group",
    `Could not update HA group '${name}', unexpected error: ${error}`,
  ],
  readFailed: (name, error) => [`Could not read HA group "${name}"`, error],
  deleteFailed: (name, error) => [
    "Error deleting HA group",
    `Could not delete HA group '${name}', unexpected error: ${error}`,
  ],
  alreadyGone: (name) => [
    "HA group does not exist",
    `Could not delete HA group '${name}', it does not exist or has been deleted outside of Terraform.`,
  ],
  lost: () => [
    "HA group not found after update",
    "Failed to find the group when trying to read back the updated HA group's data.",
  ],
};

/** proxmox_hagroup: a group of nodes, which servers since 9.0 refuse in favour of rules. */
export function haGroup(schema: TypeSchema): ResourceType {
  return clusterObject({
    schema,
    rules,
    words,
    collection: "cluster/ha/groups/",
    nameOf: (values) => String(values["group"]),
    identity: (name) => ({ id: name, group: name }),
    createParameters: (planned) => ({
      group: String(planned["group"]),
      type: "group",
      ...parametersOf(rows, planned),
    }),
    updateParameters: (planned, prior) => ({
      ...parametersOf(rows, planned),
      ...deletion(removedParameters(rows, planned, prior)),
    }),
    stateOf: (data, before) => ({ ...before, ...haGroupAttributes(data) }),
  });
}

/** The attributes of a group beside its name. */
export function haGroupAttributes(data: unknown): ValueObject {
  return attributesOf(rows, data);
}
