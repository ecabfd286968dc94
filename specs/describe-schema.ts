import { listWords } from "./list-words.ts";

/** The keywords of a JSON schema that its description in words is made from. */
export interface SchemaWords {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaWords[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly patternErrorMessage?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly maxProperties?: number;
}

/** Says what values a schema takes, to stand after "expected". */
export function describeSchema(schema: SchemaWords): string {
  if (schema.patternErrorMessage !== undefined) return schema.patternErrorMessage;
  if (schema.enum !== undefined) return listWords(schema.enum);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeSchema).join(" or ");
  return describeType[schema.type ?? ""]?.(schema) ?? "another value";
}

const describeType: Readonly<Record<string, (schema: SchemaWords) => string>> = {
  boolean: () => "true or false",
  integer: (schema) => `a whole number${describeRange(schema)}`,
  number: (schema) => `a number${describeRange(schema)}`,
  string: ({ minLength, maxLength }) => {
    if (maxLength !== undefined) return `a text of at most ${maxLength} characters`;
    return minLength === undefined ? "a text" : "a text that is not empty";
  },
  array: ({ maxItems, uniqueItems }) => {
    if (uniqueItems) return "a list with each entry once";
    return maxItems === undefined ? "a list" : `a list of at most ${maxItems} entries`;
  },
  object: ({ properties, required, maxProperties }) => {
    if (maxProperties === 1) return "an object with exactly one key";
    const keys = required ?? Object.keys(properties ?? {});
    if (keys.length === 0) return "an object";
    return `{ ${keys.join(", ")}${keys.length < Object.keys(properties ?? {}).length ? ", ..." : ""} }`;
  },
};

function describeRange({ minimum, exclusiveMinimum, maximum }: SchemaWords): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  return "";
}
