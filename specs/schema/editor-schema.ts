/** A JSON schema as plain data. */
interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/**
 * The schema of one layer of a merge (RFC 7396), for editors: what the merged spec requires may stand in another layer, and
 * null takes away what an earlier layer says. Lists are replaced whole, so their items stay as strict as they were.
 */
export function editorSchema(merged: JsonSchema, required: readonly string[]): JsonSchema {
  return { ...layerOf(merged), required };
}

function layerOf(schema: JsonSchema): JsonSchema {
  const { required: _, ...rest } = schema;
  if (schema.anyOf !== undefined) return { ...rest, anyOf: schema.anyOf.map(layerOf) };
  if (schema.properties === undefined) return schema;
  const entries = Object.entries(schema.properties);
  return {
    ...rest,
    properties: Object.fromEntries(entries.map(([key, value]) => [key, orNull(layerOf(value))])),
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  if (schema.enum !== undefined) return { ...schema, enum: [...schema.enum, null] };
  if (typeof schema.type === "string") return { ...schema, type: [schema.type, "null"] };
  return schema;
}
