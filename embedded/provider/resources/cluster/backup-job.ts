import { deletion } from "../../api/deletion.ts";
import { between, oneOf } from "../../framework/attribute-checks.ts";
import { type AttributeRules, chosenByServer, identifying } from "../../framework/attribute-rules.ts";
import { clusterObject, type ObjectWords } from "../../framework/cluster-object.ts";
import { conflicting } from "../../framework/combination-checks.ts";
import {
  attributesOf,
  commaList,
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
import { fleecing, pathList, performance, retention } from "./backup-codecs.ts";
import { jobWords } from "./job-words.ts";

/** Always sent; nobody can remove them. */
const fixedRows = sameNamed(text, "schedule", "storage");

/** In the order in which removed ones are named in `delete`. */
const rows: readonly ParameterRow[] = [
  ...sameNamed(text, "node"),
  ...sameNamed(commaList, "vmid"),
  ...sameNamed(text, "mode", "compress", "starttime"),
  ...sameNamed(number, "maxfiles"),
  ...sameNamed(commaList, "mailto"),
  ...sameNamed(text, "mailnotification"),
  ...sameNamed(number, "bwlimit", "ionice", "pigz", "zstd"),
  { attribute: "prune_backups", parameter: "prune-backups", codec: retention },
  ...sameNamed(flag, "remove"),
  { attribute: "notes_template", parameter: "notes-template", codec: text },
  ...sameNamed(flag, "protected"),
  { attribute: "repeat_missed", parameter: "repeat-missed", codec: flag },
  ...sameNamed(text, "script"),
  ...sameNamed(flag, "stdexcludes"),
  { attribute: "exclude_path", parameter: "exclude-path", codec: pathList },
  ...sameNamed(text, "pool"),
  ...sameNamed(fleecing, "fleecing"),
  ...sameNamed(performance, "performance"),
  { attribute: "pbs_change_detection_mode", parameter: "pbs-change-detection-mode", codec: text },
  ...sameNamed(number, "lockwait", "stopwait"),
  ...sameNamed(text, "tmpdir"),
  ...sameNamed(flag, "enabled", "all"),
];

const rules: AttributeRules = {
  id: identifying,
  enabled: chosenByServer,
  all: chosenByServer,
  mode: { ...chosenByServer, checks: [oneOf("snapshot", "suspend", "stop")] },
  compress: { ...chosenByServer, checks: [oneOf("0", "1", "gzip", "lzo", "zstd")] },
  mailnotification: { ...chosenByServer, checks: [oneOf("always", "failure")] },
  bwlimit: chosenByServer,
  ionice: { ...chosenByServer, checks: [between(0, 8)] },
  prune_backups: chosenByServer,
  remove: chosenByServer,
  protected: chosenByServer,
  repeat_missed: chosenByServer,
  stdexcludes: chosenByServer,
  "fleecing.enabled": chosenByServer,
  pbs_change_detection_mode: { checks: [oneOf("legacy", "data", "metadata")] },
};

const words: ObjectWords = {
  creating: () => "error creating backup job",
  reading: () => "error reading backup job",
  updating: () => "error updating backup job",
  deleting: () => "error deleting backup job",
  ...jobWords("Backup Job", "Backup job"),
};

/** proxmox_backup_job: a job that backs machines up at its times. */
export function backupJob(schema: TypeSchema): ResourceType {
  return clusterObject({
    schema,
    rules,
    checks: [conflicting("all", "vmid"), conflicting("all", "pool"), conflicting("vmid", "pool")],
    words,
    collection: "cluster/backup/",
    nameOf: (values) => String(values["id"]),
    identity: (name) => ({ id: name }),
    createParameters: (planned) => ({
      id: String(planned["id"]),
      ...parametersOf([...fixedRows, ...rows], planned),
    }),
    updateParameters: (planned, prior) => ({
      ...parametersOf([...fixedRows, ...rows], planned),
      ...deletion(removedParameters(rows, planned, prior)),
    }),
    stateOf: (data, before) => ({ ...before, ...backupJobState(data) }),
  });
}

/** The attributes of a backup job. */
export function backupJobState(data: unknown): ValueObject {
  const { id } = data as { readonly id: string };
  return { ...attributesOf([...fixedRows, ...rows], data), id };
}
