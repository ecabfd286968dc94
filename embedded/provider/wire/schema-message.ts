import type { AttributeSchema, BlockSchema, TypeSchema } from "../schema/schema.ts";

/** The Schema message of the plugin protocol for a saved schema. */
export function schemaMessage(schema: TypeSchema): object {
  return { version: schema.version, block: blockMessage(schema.block, schema.version) };
}

function blockMessage(block: BlockSchema, version = 0): object {
  return {
    version,
    deprecated: block.deprecated ?? false,
    attributes: Object.entries(block.attributes ?? {}).map(([name, attribute]) =>
      attributeMessage(name, attribute),
    ),
    block_types: Object.entries(block.block_types ?? {}).map(([typeName, nested]) => ({
      type_name: typeName,
      block: blockMessage(nested.block),
      nesting: nested.nesting_mode.toUpperCase(),
      min_items: nested.min_items ?? 0,
      max_items: nested.max_items ?? 0,
    })),
  };
}

function attributeMessage(name: string, attribute: AttributeSchema): object {
  const { nested_type: nested, type, ...flags } = attribute;
  const shape =
    nested === undefined
      ? { type: Buffer.from(JSON.stringify(type)) }
      : {
          nested_type: {
            nesting: nested.nesting_mode.toUpperCase(),
            attributes: Object.entries(nested.attributes).map(([key, inner]) => attributeMessage(key, inner)),
          },
        };
  return { name, ...flags, ...shape };
}
