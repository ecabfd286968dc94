import { readSchemaFile } from "../read-schema-file.ts";

/** Rules of one parameter or of one key of a property string, as Proxmox VE's schema has them. */
export interface Property {
  readonly type?: "string" | "integer" | "number" | "boolean" | "array" | "object";
  readonly optional?: number | string;
  /** Name of a format, or the keys of a property string. */
  readonly format?: string | PropertyString;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  readonly minLength?: number | string;
  readonly maxLength?: number | string;
  /** Another key that must be present when this one is. */
  readonly requires?: string;
  readonly items?: Property;
  readonly default_key?: number;
  readonly alias?: string;
  readonly keyAlias?: string;
}

/** A property string: `key=value,key=value`, with rules for each key. */
export interface PropertyString {
  readonly [key: string]: Property;
}

/** A permission expression: `["perm", path, privileges, ...options]`, or `and` / `or` of such. */
export type PermissionCheck = readonly [string, ...unknown[]];

/** More parameters, by the value of one that decides. */
interface TypedParameters {
  /** `type` */
  readonly property: string;
  readonly rules: Property;
  /** Value of the deciding parameter to the parameters that it brings. */
  readonly variants: Readonly<Record<string, Readonly<Record<string, Property>>>>;
}

/** What a method takes, and who may call it. */
export interface MethodSchema {
  /** Parameter name, `net[n]` for indexed ones, to its rules. */
  readonly parameters: Readonly<Record<string, Property>>;
  /** Parameters that exist for some values of one parameter only; undefined for nearly all methods. */
  readonly typed?: TypedParameters;
  readonly check?: PermissionCheck;
  readonly user?: "all" | "world";
  readonly proxyTo?: string;
}

/** Parameter name to the name of its rules in the file's pool. */
type PooledParameters = Readonly<Record<string, string>>;

interface SavedMethod extends Omit<MethodSchema, "parameters" | "typed"> {
  readonly parameters: PooledParameters;
  readonly typeProperty?: string;
  readonly typeSchema?: string;
  readonly variants?: Readonly<Record<string, PooledParameters>>;
}

interface SchemaFile {
  readonly properties: Readonly<Record<string, Property>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, SavedMethod>>>>;
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function resolveMethods(file: SchemaFile): ReadonlyMap<string, ReadonlyMap<string, MethodSchema>> {
  const rulesOf = (name: string) => file.properties[name] ?? {};
  const resolve = (names: PooledParameters) => mapValues(names, rulesOf);
  const resolveMethod = ({ typeProperty, typeSchema = "", variants = {}, ...method }: SavedMethod) => {
    const typed =
      typeProperty === undefined
        ? {}
        : {
            typed: {
              property: typeProperty,
              rules: rulesOf(typeSchema),
              variants: mapValues(variants, resolve),
            },
          };
    return { ...method, parameters: resolve(method.parameters), ...typed };
  };
  return new Map(
    Object.entries(file.paths).map(([path, methods]) => [
      path,
      new Map(Object.entries(methods).map(([name, method]) => [name, resolveMethod(method)])),
    ]),
  );
}

/** Every path of the Proxmox VE 9.2 API with its methods, `/nodes/{node}/qemu` -> `POST` -> schema. */
export const apiSchema = resolveMethods(readSchemaFile<SchemaFile>("endpoints.json"));

/** Named property-string formats. */
export const propertyStrings: Readonly<Record<string, PropertyString>> =
  readSchemaFile("property-strings.json");
