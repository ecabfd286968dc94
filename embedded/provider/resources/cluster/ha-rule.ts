import { deletion } from "../../api/deletion.ts";
import { atLeastElements, comment, everyElement, matching, oneOf } from "../../framework/attribute-checks.ts";
import { type AttributeRules, identifying, resourceId } from "../../framework/attribute-rules.ts";
import { clusterObject, type ObjectWords } from "../../framework/cluster-object.ts";
import {
  attributesOf,
  certainFlag,
  commaList,
  flagOrFalse,
  type ParameterRow,
  parametersOf,
  removedParameters,
  sameNamed,
  text,
} from "../../framework/parameter-table.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { checkRuleKind } from "./check-rule-kind.ts";
import { haName, nodeMap } from "./ha-checks.ts";
import { nodePriorities } from "./node-priorities.ts";

const commonRows: readonly ParameterRow[] = [
  ...sameNamed(text, "comment"),
  ...sameNamed(text, "type").map(fixed),
  ...sameNamed(certainFlag, "disable").map(fixed),
  ...sameNamed(commaList, "resources").map(fixed),
];

const nodeRows: readonly ParameterRow[] = [
  ...sameNamed(nodePriorities, "nodes").map(fixed),
  ...sameNamed(flagOrFalse, "strict").map(fixed),
];

const affinityRows = sameNamed(text, "affinity").map(fixed);

function fixed(row: ParameterRow): ParameterRow {
  return { ...row, isDeletable: false };
}

const rules: AttributeRules = {
  id: resourceId,
  rule: { ...identifying, checks: [haName] },
  type: { ...identifying, checks: [oneOf("node-affinity", "resource-affinity")] },
  comment: { checks: comment },
  disable: { default: false },
  resources: {
    checks: [
      atLeastElements(1),
      everyElement(matching(/^(vm|ct):\d+$/, "must be in format type:id (e.g. vm:100, ct:101)")),
    ],
  },
  nodes: { checks: nodeMap },
  strict: { default: false },
  affinity: { checks: [oneOf("positive", "negative")] },
};

const words: ObjectWords = {
  creating: () => "error creating HA rule",
  reading: () => "error reading HA rule",
  updating: () => "error updating HA rule",
  deleting: () => "error deleting HA rule",
  createFailed: (name, error) => ["Unable to Create HA Rule", `Could not create HA rule '${name}': ${error}`],
  updateFailed: (name, error) => ["Unable to Update HA Rule", `Could not update HA rule '${name}': ${error}`],
  readFailed: (_name, error) => ["Unable to Read HA Rule", error],
  deleteFailed: (name, error) => ["Unable to Delete HA Rule", `Could not delete HA rule '${name}': ${error}`],
  alreadyGone: (name) => [
    "HA rule does not exist",
    `Could not delete HA rule '${name}', it does not exist or has been deleted outside of Terraform.`,
  ],
  lost: () => [
    "Unable to Read HA Rule",
    "Failed to find the rule when trying to read back the HA rule's data.",
  ],
};

/** proxmox_harule: where machines under high availability may run, or which belong together. */
export function haRule(schema: TypeSchema): ResourceType {
  return clusterObject({
    schema,
    rules,
    checks: [checkRuleKind],
    words,
    collection: "cluster/ha/rules/",
    nameOf: (values) => String(values["rule"]),
    identity: (name) => ({ id: name, rule: name }),
    createParameters: (planned) => ({
      rule: String(planned["rule"]),
      ...parametersOf(rowsOf(planned["type"]), planned),
    }),
    updateParameters: (planned, prior) => ({
      ...parametersOf(rowsOf(planned["type"]), planned),
      ...deletion(removedParameters(commonRows, planned, prior)),
    }),
    stateOf: ruleState,
  });
}

function rowsOf(type: unknown): readonly ParameterRow[] {
  return [...commonRows, ...(type === "node-affinity" ? nodeRows : affinityRows)];
}

function ruleState(data: unknown, before: ValueObject): ValueObject {
  const { rule, type } = data as { rule: string; type: string };
  const ofOtherKind =
    type === "node-affinity" ? { affinity: null } : { nodes: null, strict: false, affinity: null };
  return { ...before, ...ofOtherKind, ...attributesOf(rowsOf(type), data), rule };
}
