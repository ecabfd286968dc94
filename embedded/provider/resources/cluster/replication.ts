import { inContext } from "../../api/api-error.ts";
import { deletion } from "../../api/deletion.ts";
import { poll } from "../../api/retry.ts";
import { matching, oneOf } from "../../framework/attribute-checks.ts";
import { type AttributeRules, chosenByServer, identifying } from "../../framework/attribute-rules.ts";
import { clusterObject, type ObjectWords } from "../../framework/cluster-object.ts";
import {
  attributesOf,
  flagOrFalse,
  number,
  type ParameterRow,
  parametersOf,
  removedParameters,
  sameNamed,
  text,
} from "../../framework/parameter-table.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { Value, ValueObject } from "../../wire/value.ts";
import { jobWords } from "./job-words.ts";

const rows: readonly ParameterRow[] = [
  ...sameNamed(text, "comment"),
  ...sameNamed(flagOrFalse, "disable"),
  ...sameNamed(number, "rate"),
  ...sameNamed(text, "schedule"),
];

const readRows: readonly ParameterRow[] = [
  ...rows,
  ...sameNamed(text, "target", "type", "source"),
  ...sameNamed(number, "guest", "jobnum"),
];

const rules: AttributeRules = {
  id: { ...identifying, checks: [matching(/^[0-9]+-[0-9]+$/, "id must be <GUEST>-<JOBNUM>")] },
  target: identifying,
  type: { ...identifying, checks: [oneOf("local")] },
  disable: { default: false },
  schedule: chosenByServer,
};

const words: ObjectWords = {
  creating: () => "error creating Replication",
  reading: (name) => `error reading Replication ${name}`,
  updating: () => "error updating Replication",
  deleting: () => "error deleting replication",
  ...jobWords("Replication", "Replication"),
};

/** proxmox_replication: a job that copies a machine's volumes to another node. */
export function replication(schema: TypeSchema): ResourceType {
  return clusterObject({
    schema,
    rules,
    words,
    collection: "cluster/replication",
    pathOf: (name) => `cluster/replication/${name}`,
    nameOf: (values) => String(values["id"]),
    identity: (name) => ({ id: name }),
    createParameters: (planned) => ({
      ...parametersOf([...rows, ...sameNamed(text, "id", "target", "type")], planned),
    }),
    updateParameters: (planned, prior) => ({
      id: String(planned["id"]),
      ...parametersOf(rows, planned),
      ...deletion(removedParameters(rows, planned, prior)),
    }),
    stateOf: (data, before) => replicationState(data, before["id"] ?? null),
    waitUntilGone,
  });
}

/** The attributes of a replication job. */
export function replicationState(data: unknown, id: Value): ValueObject {
  return { ...attributesOf(readRows, data), id };
}

// The server only marks the job; its next run removes it.
async function waitUntilGone(name: string, { api, lifetime }: ProviderSession): Promise<void> {
  await inContext("error waiting for deleting replication", () =>
    poll(lifetime, async () => {
      const list = await inContext("error listing Replications", () =>
        api.request("GET", "cluster/replication", lifetime),
      );
      const jobs = (list ?? []) as readonly { readonly id: string }[];
      return jobs.some(({ id }) => id === name) ? undefined : true;
    }),
  );
}
