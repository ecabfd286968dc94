import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { CtyType } from "../wire/cty-type.ts";

/** An attribute of the provider's schema, as `providers schema -json` prints it. */
export interface AttributeSchema {
  readonly type?: CtyType;
  readonly nested_type?: NestedTypeSchema;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly deprecated?: boolean;
  readonly write_only?: boolean;
}

/** The type of an attribute that is itself made of attributes. */
interface NestedTypeSchema {
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
  readonly nesting_mode: NestingMode;
}

/** How often a block or nested attribute occurs. */
type NestingMode = "single" | "list" | "set" | "map" | "group";

/** A nested block with its limits. */
interface BlockTypeSchema {
  readonly nesting_mode: NestingMode;
  readonly block: BlockSchema;
  readonly min_items?: number;
  readonly max_items?: number;
}

/** The attributes and nested blocks of a block. */
export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly block_types?: Readonly<Record<string, BlockTypeSchema>>;
  readonly deprecated?: boolean;
}

/** The schema of a provider, resource or data source. */
export interface TypeSchema {
  readonly version: number;
  readonly block: BlockSchema;
}

interface ProviderSchema {
  readonly provider: TypeSchema;
  readonly resource_schemas: Readonly<Record<string, TypeSchema>>;
  readonly data_source_schemas: Readonly<Record<string, TypeSchema>>;
}

/**
 * The schema of bpg/proxmox 0.111.1 without prose. It is the very file from which the bindings of
 * @cdktf/provider-proxmox are generated, so that what users write and what the stand-in accepts cannot drift apart.
 */
export const providerSchema: ProviderSchema = readSchema();

function readSchema(): ProviderSchema {
  const file = createRequire(import.meta.url).resolve("@cdktf/provider-proxmox/schema.json");
  const dump = JSON.parse(readFileSync(file, "utf8")) as SchemaDump;
  const [schema] = Object.values(dump.provider_schemas);
  if (schema === undefined) throw new TypeError(`${file} holds no provider's schema`);
  return schema;
}

/** What `providers schema -json` prints. */
interface SchemaDump {
  readonly provider_schemas: Readonly<Record<string, ProviderSchema>>;
}

/** The type of a block's value: an object of its attributes and nested blocks. */
export function blockType(block: BlockSchema): CtyType {
  return [
    "object",
    {
      ...mapValues(block.attributes, attributeType),
      ...mapValues(block.block_types, (nested) => nestingType(nested.nesting_mode, blockType(nested.block))),
    },
  ];
}

/** The type of an attribute's value. */
function attributeType(attribute: AttributeSchema): CtyType {
  if (attribute.nested_type === undefined) return attribute.type ?? "dynamic";
  const { attributes, nesting_mode } = attribute.nested_type;
  return nestingType(nesting_mode, ["object", mapValues(attributes, attributeType)]);
}

function nestingType(mode: NestingMode, type: CtyType): CtyType {
  return mode === "single" || mode === "group" ? type : [mode, type];
}

function mapValues<In, Out>(
  entries: Readonly<Record<string, In>> | undefined,
  convert: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(entries ?? {}).map(([key, value]) => [key, convert(value)]));
}
