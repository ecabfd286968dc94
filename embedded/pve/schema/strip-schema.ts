/**
 * Turns a saved Proxmox VE API schema into the two compact files beside this one. Keeps names, types and limits only.
 *
 * Usage: node embedded/pve/schema/strip-schema.ts <api-schema.json> <formats.json>
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** Parameters that depend on the value of one of them, as the HA rules have. */
interface SavedVariants {
  readonly oneOf: readonly { readonly "instance-type": string; readonly properties: JsonObject }[];
  readonly "type-property": string;
  readonly "type-property-schema": JsonObject;
}

interface SavedMethod {
  readonly parameters: {
    readonly properties?: JsonObject;
    readonly allOf?: readonly (SavedVariants | { readonly properties: JsonObject })[];
  };
  readonly permissions?: JsonObject;
  readonly proxyto?: string;
}

interface SavedFormat {
  readonly kind: string;
  readonly schema?: JsonObject;
}

const keptRules = new Set([
  "type",
  "optional",
  "format",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "requires",
  "items",
  "default_key",
  "alias",
  "keyAlias",
]);

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property's rules without prose; an inline property-string format is stripped key by key. */
function stripProperty(property: JsonObject): JsonObject {
  const rules: Record<string, Json> = {};
  for (const [rule, value] of Object.entries(property)) {
    if (!keptRules.has(rule) || value === null) continue;
    if (rule === "format" && isObject(value)) rules[rule] = stripProperties(value);
    else if (rule === "items" && isObject(value)) rules[rule] = stripProperty(value);
    else rules[rule] = value;
  }
  return rules;
}

function stripProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, rules]) => [name, stripProperty(isObject(rules) ? rules : {})]),
  );
}

/** Gives each distinct property one short name, so that `node` and `vmid` are written once. */
function createPool() {
  const names = new Map<string, string>();
  return {
    nameOf(rules: JsonObject): string {
      const text = JSON.stringify(rules);
      const name = names.get(text) ?? `p${names.size}`;
      names.set(text, name);
      return name;
    },
    lines: () => [...names].map(([text, name]) => `${JSON.stringify(name)}:${text}`),
  };
}

type Pool = ReturnType<typeof createPool>;

function stripParameters(properties: JsonObject, pool: Pool): JsonObject {
  return Object.fromEntries(
    Object.entries(stripProperties(properties)).map(([name, rules]) => [
      name,
      pool.nameOf(isObject(rules) ? rules : {}),
    ]),
  );
}

/** The property that decides, with its values, and the parameters that each value brings. */
function stripVariants(saved: SavedVariants | undefined, pool: Pool): JsonObject {
  if (saved === undefined) return {};
  const byType = saved.oneOf.map(({ "instance-type": type, properties }) => [
    type,
    stripParameters(properties, pool),
  ]);
  return {
    typeProperty: saved["type-property"],
    typeSchema: pool.nameOf(stripProperty(saved["type-property-schema"])),
    variants: Object.fromEntries(byType),
  };
}

function stripMethod(method: SavedMethod, pool: Pool): JsonObject {
  const parts = method.parameters.allOf ?? [];
  const common = parts.map((part) => ("oneOf" in part ? {} : part.properties));
  const properties = Object.assign({}, method.parameters.properties, ...common);
  const saved = parts.find((part) => "oneOf" in part);
  const { check, user } = method.permissions ?? {};
  return {
    parameters: stripParameters(properties, pool),
    ...stripVariants(saved, pool),
    ...(check === undefined ? {} : { check }),
    ...(user === undefined ? {} : { user }),
    ...(method.proxyto === undefined ? {} : { proxyTo: method.proxyto }),
  };
}

function stripEndpoints(endpoints: Record<string, Record<string, SavedMethod>>): string {
  const pool = createPool();
  const paths = Object.entries(endpoints).map(([path, methods]) => {
    const stripped = Object.entries(methods).map(
      ([name, method]) => [name, stripMethod(method, pool)] as const,
    );
    return `${JSON.stringify(path)}:${JSON.stringify(Object.fromEntries(stripped))}`;
  });
  return `{"properties":{\n${pool.lines().join(",\n")}\n},"paths":{\n${paths.join(",\n")}\n}}\n`;
}

function stripFormats(formats: Record<string, SavedFormat>): string {
  const lines = Object.entries(formats).flatMap(([name, format]) =>
    format.schema === undefined
      ? []
      : [`${JSON.stringify(name)}:${JSON.stringify(stripProperties(format.schema))}`],
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

const [schemaFile, formatsFile] = process.argv.slice(2);
if (schemaFile === undefined || formatsFile === undefined) {
  process.stderr.write("usage: node strip-schema.ts <api-schema.json> <formats.json>\n");
  process.exit(1);
}
const { endpoints } = JSON.parse(readFileSync(schemaFile, "utf8"));
const { formats } = JSON.parse(readFileSync(formatsFile, "utf8"));
writeFileSync(join(import.meta.dirname, "endpoints.json"), stripEndpoints(endpoints));
writeFileSync(join(import.meta.dirname, "property-strings.json"), stripFormats(formats));
