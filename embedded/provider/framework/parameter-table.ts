import type { Parameters } from "../api/api-client.ts";
import { Decimal, isList, isObject, isUnknown, type Value, type ValueObject } from "../wire/value.ts";

/** How a value is written as a parameter and read from an answer. */
export interface Codec {
  /** The parameter's text; undefined sends none. Called with known values only. */
  readonly write: (value: Value) => string | undefined;
  /** The value for what the server says; `undefined` is silence. */
  readonly read: (data: unknown) => Value;
}

/** One attribute and its parameter. */
export interface ParameterRow {
  readonly attribute: string;
  readonly parameter: string;
  readonly codec: Codec;
  /** Whether a removed value is named in `delete`. @default true */
  readonly isDeletable?: boolean;
}

/** Text as it is. */
export const text: Codec = {
  write: (value) => (value === null ? undefined : String(value)),
  read: (data) => (data === undefined || data === null ? null : String(data)),
};

/** A number. */
export const number: Codec = {
  write: (value) => (value === null ? undefined : value instanceof Decimal ? value.text : String(value)),
  read: (data) => (data === undefined || data === null ? null : Number(data)),
};

/** A boolean as 1 and 0; silence is null. */
export const flag: Codec = {
  write: (value) => (value === null ? undefined : flagText(value)),
  read: (data) => (data === undefined || data === null ? null : isTrue(data)),
};

/** A boolean that is always sent, and false where the server is silent. */
export const certainFlag: Codec = { write: flagText, read: isTrue };

/** A boolean that is sent when it is known, and false where the server is silent. */
export const flagOrFalse: Codec = { write: flag.write, read: isTrue };

/** A list of texts, joined by commas; an empty one is not sent. */
export const commaList: Codec = {
  write: (value) => (isList(value) && value.length > 0 ? value.map(String).join(",") : undefined),
  read: (data) =>
    typeof data === "string" && data !== "" ? data.split(",").map((item) => item.trim()) : null,
};

/** The parameters of a table's attributes; null and unknown ones as their codecs have it. */
export function parametersOf(rows: readonly ParameterRow[], values: ValueObject): Parameters {
  return Object.fromEntries(
    rows.flatMap(({ attribute, parameter, codec }) => {
      const value = values[attribute] ?? null;
      const written = isUnknown(value) ? undefined : codec.write(value);
      return written === undefined ? [] : [[parameter, written]];
    }),
  );
}

/** The parameters that a change removes: they had a value and have none any more. */
export function removedParameters(
  rows: readonly ParameterRow[],
  planned: ValueObject,
  prior: ValueObject,
): readonly string[] {
  return rows
    .filter(({ isDeletable = true }) => isDeletable)
    .filter(({ attribute }) => isNothing(planned[attribute]) && (prior[attribute] ?? null) !== null)
    .map(({ parameter }) => parameter);
}

/** The attributes for what the server says. */
export function attributesOf(rows: readonly ParameterRow[], data: unknown): ValueObject {
  const object = data as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    rows.map(({ attribute, parameter, codec }) => [attribute, codec.read(object[parameter])]),
  );
}

/** Rows whose attributes and parameters have the same names. */
export function sameNamed(codec: Codec, ...names: readonly string[]): readonly ParameterRow[] {
  return names.map((name) => ({ attribute: name, parameter: name, codec }));
}

function isNothing(value: Value | undefined): boolean {
  if (isList(value)) return value.length === 0;
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}

function flagText(value: Value): string {
  return value === true ? "1" : "0";
}

function isTrue(data: unknown): boolean {
  return data === 1 || data === true;
}
