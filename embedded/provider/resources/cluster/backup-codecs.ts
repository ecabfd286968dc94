import { DecodeFailure } from "../../framework/decode-failure.ts";
import type { Codec } from "../../framework/parameter-table.ts";
import { isObject, type Value } from "../../wire/value.ts";

/** How many backups are kept: {"keep-last": "3"} as "keep-last=3", sorted; the server may answer with an object. */
export const retention: Codec = {
  write: (value) => {
    const keys = isObject(value) ? Object.keys(value).sort() : [];
    return isObject(value) && keys.length > 0
      ? keys.map((key) => `${key}=${String(value[key])}`).join(",")
      : undefined;
  },
  read: (data) => {
    if (typeof data === "string" && data !== "") return textMap(data);
    if (typeof data !== "object" || data === null || Object.keys(data).length === 0) return null;
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]));
  },
};

function textMap(list: string): Value {
  const pairs = list.split(",").flatMap((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}

/** A list of paths. The real provider reads a text only: where the server answers with a list, reading the job fails. */
export const pathList: Codec = {
  write: (value) => (Array.isArray(value) && value.length > 0 ? value.map(String).join(",") : undefined),
  read: (data) => {
    if (typeof data === "string") return data.split(",");
    if (data === undefined || data === null) return null;
    const kind = Array.isArray(data) ? "array" : "object";
    throw new DecodeFailure(
      `failed to unmarshal CustomCommaSeparatedList: json: cannot unmarshal ${kind} into Go value of type string`,
    );
  },
};

/** An object of a flag and a text: {enabled, storage} as "enabled=1,storage=local". */
export const fleecing: Codec = objectCodec([
  { attribute: "enabled", parameter: "enabled", isFlag: true },
  { attribute: "storage", parameter: "storage" },
]);

/** An object of two numbers: {max_workers, pbs_entries_max} as "max-workers=4,pbs-entries-max=1048576". */
export const performance: Codec = objectCodec([
  { attribute: "max_workers", parameter: "max-workers", isNumber: true },
  { attribute: "pbs_entries_max", parameter: "pbs-entries-max", isNumber: true },
]);

interface Part {
  readonly attribute: string;
  readonly parameter: string;
  readonly isFlag?: boolean;
  readonly isNumber?: boolean;
}

function objectCodec(parts: readonly Part[]): Codec {
  return {
    write: (value) => {
      if (!isObject(value)) return undefined;
      const written = parts.flatMap(({ attribute, parameter, isFlag }) => {
        const item = value[attribute] ?? null;
        const shown = isFlag === true ? Number(item === true) : String(item);
        return item === null ? [] : [`${parameter}=${shown}`];
      });
      return written.length === 0 ? undefined : written.join(",");
    },
    read: (data) => {
      if (typeof data !== "object" || data === null) return null;
      const object = data as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        parts.map((part) => [part.attribute, readPart(part, object[part.parameter])]),
      );
    },
  };
}

function readPart({ isFlag, isNumber }: Part, data: unknown): Value {
  if (data === undefined || data === null) return null;
  if (isFlag === true) return data === 1 || data === true;
  return isNumber === true ? Number(data) : String(data);
}
