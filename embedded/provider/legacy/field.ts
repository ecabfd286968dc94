import type { AttributeSchema, BlockSchema } from "../schema/schema.ts";
import type { CtyType } from "../wire/cty-type.ts";
import type { Value } from "../wire/value.ts";

/** A check of one configured value: the problems, none when it is fine. */
export type Check = (value: string | number | boolean, at: CheckedPlace) => readonly string[];

/** How messages name the place of a value: the attribute's own name, or its whole path ("disk.0.size"). */
interface CheckedPlace {
  readonly name: string;
  readonly dotted: string;
}

/** What a saved schema does not say about an attribute or block of the real provider. */
interface FieldBehaviour {
  /** Used where the configuration is silent. */
  readonly default?: string | number | boolean;
  /** A change replaces the resource. */
  readonly replaces?: boolean;
  /** The number may have a fraction. */
  readonly isFloat?: boolean;
  /** Turns the configured text into the one kept in the state. */
  readonly normalize?: (text: string) => string;
  /** Checks one configured value and tells what is wrong with it. */
  readonly check?: Check;
  /** Other paths ("cpu.0.numa") that must be configured along with this one. */
  readonly requires?: readonly string[];
  /** Whether a change of this attribute is kept out of the plan. `after` is the whole resource as configured. */
  readonly ignoresChange?: (before: string, after: string, resource: ChangedResource) => boolean;
  /** Whether a change of this list is kept out of the plan. */
  readonly ignoresListChange?: (before: readonly Value[], after: readonly Value[]) => boolean;
  /** The text of the deprecation warning. */
  readonly deprecation?: string;
  /** Computed, where the saved schema has no place to say so: a block, or a key of an object. */
  readonly computed?: boolean;
  /** The most items of a list that the saved schema shows as an attribute. */
  readonly maxItems?: number | undefined;
}

/** Looks up values of the resource that is being planned. */
export interface ChangedResource {
  readonly after: (key: string) => Value;
}

/** Behaviours by dotted path without indexes, for example "clone.vm_id". */
export type Behaviours = Readonly<Record<string, FieldBehaviour>>;

interface Flags {
  readonly isRequired: boolean;
  readonly isOptional: boolean;
  readonly isComputed: boolean;
}

/** A single value. */
export interface PrimitiveField extends FieldBehaviour, Flags {
  readonly kind: "string" | "number" | "bool";
}

/** A list of values, lists or objects. Blocks are lists of objects that are empty instead of null. */
export interface ListField extends FieldBehaviour, Flags {
  readonly kind: "list";
  readonly isBlock: boolean;
  /** A set: its order says nothing, and an apply leaves in the state what was planned. */
  readonly isSet: boolean;
  readonly maxItems?: number | undefined;
  readonly element: Field | Fields;
}

/** A field of a resource in the legacy type system. */
export type Field = PrimitiveField | ListField;

/** The fields of a resource, a block or an object. */
export interface Fields {
  readonly kind: "object";
  readonly fields: ReadonlyMap<string, Field>;
}

/** Joins a saved schema and the behaviours into fields. */
export function buildFields(block: BlockSchema, behaviours: Behaviours, path = ""): Fields {
  const fields = new Map<string, Field>();
  for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
    fields.set(name, attributeField(attribute, behaviours, path + name));
  }
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const behaviour = behaviours[path + name] ?? {};
    fields.set(name, {
      ...behaviour,
      kind: "list",
      isBlock: true,
      isSet: nested.nesting_mode === "set",
      maxItems: nested.max_items,
      element: buildFields(nested.block, behaviours, `${path}${name}.`),
      isRequired: (nested.min_items ?? 0) > 0,
      isOptional: true,
      isComputed: behaviour.computed ?? false,
    });
  }
  return { kind: "object", fields };
}

function attributeField(attribute: AttributeSchema, behaviours: Behaviours, path: string): Field {
  const flags = {
    isRequired: attribute.required ?? false,
    isOptional: attribute.optional ?? false,
    isComputed: attribute.computed ?? false,
  };
  return typedField(attribute.type ?? "dynamic", flags, behaviours, path);
}

function typedField(type: CtyType, flags: Flags, behaviours: Behaviours, path: string): Field {
  const behaviour = behaviours[path] ?? {};
  if (type === "string" || type === "number" || type === "bool")
    return { ...behaviour, ...flags, kind: type };
  if (typeof type === "string" || (type[0] !== "list" && type[0] !== "set"))
    throw new TypeError(`${path}: only lists and sets are built here`);
  return {
    ...behaviour,
    ...flags,
    kind: "list",
    isBlock: false,
    isSet: type[0] === "set",
    element: elementFields(type[1], behaviours, path),
  };
}

function elementFields(type: CtyType, behaviours: Behaviours, path: string): Field | Fields {
  const flags = { isRequired: false, isOptional: true, isComputed: false };
  if (typeof type === "string" || type[0] !== "object") {
    return typedField(type, flags, behaviours, `${path}.*`);
  }
  const fields = new Map<string, Field>();
  for (const [name, inner] of Object.entries(type[1])) {
    const key = `${path}.${name}`;
    const isComputed = behaviours[key]?.computed ?? false;
    fields.set(name, typedField(inner, { ...flags, isComputed }, behaviours, key));
  }
  return { kind: "object", fields };
}
