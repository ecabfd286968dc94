import { deletion } from "../../api/deletion.ts";
import { atLeastElements, comment, matching, readable } from "../../framework/attribute-checks.ts";
import { type AttributeRules, resourceId } from "../../framework/attribute-rules.ts";
import { clusterObject, type ObjectWords } from "../../framework/cluster-object.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { isList, type ValueObject } from "../../wire/value.ts";
import { decodeDescription, encodeDescription } from "./mapping-description.ts";
import { parseMapping, printMapping } from "./mapping-entry.ts";

/** The three kinds of hardware that a name can stand for on every node. */
export type MappingKind = "dir" | "pci" | "usb";

const deviceId = readable(
  (text) => /^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$/.test(text),
  'value must be a valid hardware mapping device ID, e.g. "8086:5916"',
);

const pathPatterns: Readonly<Record<MappingKind, RegExp>> = {
  dir: /^\/.+$/,
  pci: /^[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(\.[a-f0-9])?$/,
  usb: /^\d+-(\d+)(\.\d+)*$/,
};

const shownKinds: Readonly<Record<MappingKind, string>> = {
  dir: "directory mapping",
  pci: "PCI hardware mapping",
  usb: "USB hardware mapping",
};

/** What a kind of mapping is called in messages. */
export function hardwareMappingSummary(kind: MappingKind): string {
  return shownKinds[kind];
}

function rulesOf(kind: MappingKind): AttributeRules {
  const badPath = `not a valid Linux device path for hardware mapping of type "${kind}"`;
  const separators = matching(
    /^[^,=]*$/,
    'must not contain commas "," or equals signs "=" as these are used as separators in the Proxmox VE API property string format',
  );
  return {
    id: resourceId,
    comment: { checks: comment },
    map: { checks: [atLeastElements(1)] },
    "map.path": { checks: [matching(pathPatterns[kind], badPath)] },
    ...(kind === "dir"
      ? {}
      : { "map.id": { checks: [deviceId] }, "map.comment": { checks: [...comment, separators] } }),
    ...(kind === "pci"
      ? { "map.subsystem_id": { checks: [deviceId] }, mediated_devices: { default: false } }
      : {}),
  };
}

function wordsOf(kind: MappingKind): ObjectWords {
  const shown = shownKinds[kind];
  return {
    creating: (name) => `creating hardware mapping "${name}"`,
    reading: (name) => `reading hardware mapping "${name}"`,
    updating: (name) => `udating hardware mapping "${name}"`,
    deleting: (name) => `deleting hardware mapping "${name}"`,
    createFailed: (name, error) => [`Could not create ${shown} "${name}"`, error],
    updateFailed: (name, error) => [`Could not update ${shown} "${name}"`, error],
    readFailed: (name, error) => [`Could not read ${shown} "${name}"`, error],
    deleteFailed: (name, error) => [`Could not delete ${shown} "${name}"`, error],
    alreadyGone: (name) => [
      `${shown} does not exist`,
      `Could not delete ${shown} "${name}", it does not exist or has been deleted outside of Terraform.`,
    ],
    lost: () => [
      `${shown} resource not found after update`,
      `Failed to find the resource when trying to read back the updated ${shown}'s data.`,
    ],
  };
}

/** proxmox_hardware_mapping_{dir,pci,usb}: a name for a directory or device of each node. */
export function hardwareMapping(kind: MappingKind): (schema: TypeSchema) => ResourceType {
  const collection = `cluster/mapping/${kind}`;
  return (schema) =>
    clusterObject({
      schema,
      rules: rulesOf(kind),
      words: wordsOf(kind),
      collection,
      pathOf: (name) => `${collection}/${encodeURIComponent(name)}`,
      nameOf: (values) => String(values["name"]),
      identity: (name) => ({ id: name, name }),
      createParameters: (planned) => ({
        id: String(planned["name"]),
        ...parametersOf(planned),
        ...(planned["mediated_devices"] === true ? { mdev: "1" } : {}),
      }),
      updateParameters: (planned, prior) => {
        const removed = [
          ...((planned["comment"] ?? null) === null && (prior["comment"] ?? null) !== null
            ? ["description"]
            : []),
          ...(kind === "pci" && planned["mediated_devices"] !== true ? ["mdev"] : []),
        ];
        return {
          ...parametersOf(planned),
          ...(planned["mediated_devices"] === true ? { mdev: "1" } : {}),
          ...deletion(removed),
        };
      },
      stateOf: (data, before) => mappingState(kind, data, before),
    });
}

function parametersOf(planned: ValueObject): Readonly<Record<string, string | readonly string[]>> {
  const note = planned["comment"] ?? null;
  const entries = isList(planned["map"]) ? planned["map"] : [];
  return {
    ...(note === null ? {} : { description: encodeDescription(String(note)) }),
    map: entries.map(printMapping),
  };
}

/** The attributes of a mapping; `before` gives its name as `id`. */
export function mappingState(kind: MappingKind, data: unknown, before: ValueObject): ValueObject {
  const { description, map, mdev } = data as {
    description?: string;
    map: readonly string[];
    mdev?: unknown;
  };
  return {
    id: before["id"] ?? null,
    name: before["id"] ?? null,
    comment: description === undefined ? null : decodeDescription(description),
    map: map.map((entry) => parseMapping(kind, entry)),
    ...(kind === "pci" ? { mediated_devices: mdev === 1 || mdev === true } : {}),
  };
}
