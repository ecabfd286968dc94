import { deletion } from "../../api/deletion.ts";
import { between, comment, readable } from "../../framework/attribute-checks.ts";
import { type AttributeRules, chosenByServer, resourceId } from "../../framework/attribute-rules.ts";
import { clusterObject, type ObjectWords } from "../../framework/cluster-object.ts";
import {
  attributesOf,
  flag,
  number,
  type ParameterRow,
  parametersOf,
  removedParameters,
  sameNamed,
  text,
} from "../../framework/parameter-table.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { haName } from "./ha-checks.ts";
import { isHaId, kindOfHaId } from "./ha-id.ts";

const rows: readonly ParameterRow[] = [
  ...sameNamed(text, "comment"),
  ...sameNamed(flag, "failback"),
  ...sameNamed(text, "group"),
  ...sameNamed(number, "max_relocate", "max_restart"),
];

const rules: AttributeRules = {
  id: resourceId,
  resource_id: { checks: [readable(isHaId, "value must be a valid HA resource identifier")] },
  state: {
    default: "started",
    checks: [readable((word) => word in stateWords, "value must be a valid HA resource state")],
  },
  type: {
    ...chosenByServer,
    checks: [readable((word) => word === "vm" || word === "ct", "value must be a valid HA resource type")],
  },
  comment: { checks: comment },
  group: { checks: [haName] },
  max_relocate: { checks: [between(0, 10)] },
  max_restart: { checks: [between(0, 10)] },
};

/** "enabled" is an old word for "started". */
const stateWords: Readonly<Record<string, string>> = {
  started: "started",
  enabled: "started",
  stopped: "stopped",
  disabled: "disabled",
  ignored: "ignored",
};

const words: ObjectWords = {
  creating: () => "error creating HA resource",
  reading: () => "error reading HA resource",
  updating: (name) => `error updating HA resource ${name}`,
  deleting: (name) => `error deleting HA resource ${name}`,
  createFailed: (name, error) => [`Could not create HA resource '${name}'.`, error],
  // The real provider names the group here, not the resource.
  updateFailed: (_name, error, prior) => [
    "Error updating HA resource",
    `Could not update HA resource '${String(prior["group"] ?? "")}', unexpected error: ${error}`,
  ],
  readFailed: (name, error) => [`Could not read HA resource "${name}"`, error],
  deleteFailed: (name, error) => [
    "Error deleting HA resource",
    `Could not delete HA resource '${name}', unexpected error: ${error}`,
  ],
  alreadyGone: (name) => [
    "HA resource does not exist",
    `Could not delete HA resource '${name}', it does not exist or has been deleted outside of Terraform.`,
  ],
  lost: () => [
    "HA resource not found after update",
    "Failed to find the resource when trying to read back the updated HA resource's data.",
  ],
};

/** proxmox_haresource: one machine under high availability. */
export function haResource(schema: TypeSchema): ResourceType {
  return clusterObject({
    schema,
    rules,
    words,
    collection: "cluster/ha/resources/",
    nameOf: (values) => String(typeof values["id"] === "string" ? values["id"] : values["resource_id"]),
    identity: (name) => ({ id: name, resource_id: name }),
    createParameters: (planned) => {
      const sid = String(planned["resource_id"]);
      return { sid, type: kindOfHaId(sid), state: stateOf(planned), ...parametersOf(rows, planned) };
    },
    updateParameters: (planned, prior) => ({
      state: stateOf(planned),
      ...parametersOf(rows, planned),
      ...deletion(removedParameters(rows, planned, prior)),
    }),
    stateOf: haResourceState,
  });
}

/** The attributes of a machine under high availability. */
export function haResourceState(data: unknown): ValueObject {
  const { sid, type, state } = data as { sid: string; type: string; state: string };
  return { ...attributesOf(rows, data), id: sid, resource_id: sid, type, state: stateWords[state] ?? state };
}

function stateOf(values: { readonly state?: unknown }): string {
  return stateWords[String(values.state)] ?? "started";
}
