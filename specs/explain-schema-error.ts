import type { ErrorObject } from "ajv";
import { describeSchema, type SchemaWords } from "./describe-schema.ts";
import { describeValue } from "./describe-value.ts";
import { didYouMean } from "./did-you-mean.ts";
import { explainRefusedKey } from "./explain-refused-key.ts";
import { pointerOf } from "./json.ts";
import { listWords } from "./list-words.ts";

/** What is wrong in terms of the file: a place and a sentence. */
export interface SchemaFinding {
  readonly pointer: string;
  readonly message: string;
  /** The value is not there; a layer that could not be read may have it. */
  readonly isMissing: boolean;
}

/** Turns one of ajv's errors (option verbose) into a sentence of the form: what is wrong (expected ..., got ...). */
export function explainSchemaError(error: ErrorObject): SchemaFinding {
  if (error.keyword === "additionalProperties") return explainUnknownKey(error);
  if (error.keyword === "required") return explainMissingKey(error);
  const message = error.keyword === "enum" ? explainUnknownWord(error) : undefined;
  return { pointer: error.instancePath, message: message ?? explainOther(error), isMissing: false };
}

const problems: Readonly<Record<string, string>> = {
  type: "is of the wrong kind",
  enum: "is none of the known words",
  const: "has the wrong value",
  pattern: "has the wrong form",
  minimum: "is too small",
  exclusiveMinimum: "is too small",
  maximum: "is too large",
  minLength: "is too short",
  maxLength: "is too long",
  maxItems: "has too many entries",
  uniqueItems: "has an entry twice",
  minProperties: "has too few keys",
  maxProperties: "has too many keys",
  anyOf: "fits none of the possible forms",
};

function explainUnknownKey({ instancePath, params, parentSchema }: ErrorObject): SchemaFinding {
  const key = String(params["additionalProperty"]);
  const pointer = instancePath + pointerOf([key]);
  const known = Object.keys(parentSchema?.["properties"] ?? {});
  const hint = didYouMean(key, known) || ` (expected ${listWords(known) || "letters, digits, _, . and -"})`;
  return { pointer, message: explainRefusedKey(pointer) ?? `is an unknown key${hint}`, isMissing: false };
}

function explainMissingKey({ instancePath, params, parentSchema }: ErrorObject): SchemaFinding {
  const key = String(params["missingProperty"]);
  const expected = describeSchema(parentSchema?.["properties"]?.[key] ?? {});
  return { pointer: instancePath, message: `"${key}" is missing (expected ${expected})`, isMissing: true };
}

function explainUnknownWord({ data, schema }: ErrorObject): string | undefined {
  const hint = didYouMean(String(data), schema as readonly string[]);
  return hint === "" ? undefined : `${describeValue(data)} is none of the known words${hint}`;
}

function explainOther({ data, keyword, parentSchema }: ErrorObject): string {
  const expected = describeSchema((parentSchema ?? {}) as SchemaWords);
  return `${problems[keyword] ?? "is not valid"} (expected ${expected}, got ${describeValue(data)})`;
}
