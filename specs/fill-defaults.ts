import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/** The keywords of a JSON schema that defaults are filled in by. */
interface DefaultsSchema {
  readonly type?: string;
  readonly default?: Json;
  readonly properties?: Readonly<Record<string, DefaultsSchema>>;
  readonly patternProperties?: Readonly<Record<string, DefaultsSchema>>;
  readonly items?: DefaultsSchema;
  readonly anyOf?: readonly DefaultsSchema[];
  readonly required?: readonly string[];
}

/**
 * Fills in the defaults of a schema, also inside lists and inside the object form of a value that has several forms. Expects a
 * value that the schema accepts.
 */
export function fillDefaults(schema: object, value: Json): Json {
  return fill(schema, value);
}

function fill(schema: DefaultsSchema, value: Json): Json {
  if (schema.anyOf !== undefined) {
    const form = schema.anyOf.find((branch) => isForm(branch, value));
    return form === undefined ? value : fill(form, value);
  }
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => fill(items, item));
  return isJsonObject(value) ? fillKeys(schema, value) : value;
}

function isForm({ type, required = [] }: DefaultsSchema, value: Json): boolean {
  return type === "object" && isJsonObject(value) && required.every((key) => Object.hasOwn(value, key));
}

function fillKeys({ properties = {}, patternProperties }: DefaultsSchema, value: JsonObject): JsonObject {
  const [anyKey] = Object.values(patternProperties ?? {});
  if (anyKey !== undefined) {
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, fill(anyKey, own)]));
  }
  const filled: Record<string, Json> = { ...value };
  for (const [key, schema] of Object.entries(properties)) {
    const own = value[key];
    if (own !== undefined) filled[key] = fill(schema, own);
    else if (schema.default !== undefined) filled[key] = filledDefault(schema, schema.default);
  }
  return filled;
}

const filledDefaults = new WeakMap<DefaultsSchema, Json>();

/** Filled once for a schema: all values that leave a key out share its default. */
function filledDefault(schema: DefaultsSchema, value: Json): Json {
  const filled = filledDefaults.get(schema) ?? fill(schema, value);
  filledDefaults.set(schema, filled);
  return filled;
}
