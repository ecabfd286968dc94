import type { AttributeSchema } from "../schema/schema.ts";
import type { Diagnostic, Path } from "../wire/diagnostic.ts";
import { isList, isObject, isUnknown, type Value, type ValueObject } from "../wire/value.ts";
import type { AttributeRules } from "./attribute-rules.ts";

type Attributes = Readonly<Record<string, AttributeSchema>>;

interface Place {
  /** Path in the schema, for the rules. */
  readonly rule: string;
  /** Path as messages name it. */
  readonly name: string;
  readonly path: Path;
}

/**
 * Checks a configuration attribute by attribute, nested ones too; null and unknown values pass.
 * Public source: terraform-plugin-framework 1.19, ValidateResourceConfig.
 */
export function validateAttributes(
  attributes: Attributes,
  rules: AttributeRules,
  config: ValueObject,
): readonly Diagnostic[] {
  const walk = (schema: Attributes, values: ValueObject, at: Place): readonly Diagnostic[] =>
    Object.entries(schema).flatMap(([key, attribute]) => {
      const value = values[key] ?? null;
      if (value === null || isUnknown(value)) return [];
      const here = { rule: at.rule + key, name: at.name + key, path: at.path };
      const path = at.rule === "" ? [key] : at.path;
      const own = (rules[here.rule]?.checks ?? []).flatMap((check) =>
        check(value, { path, name: here.name, config }),
      );
      return [...own, ...nested(attribute, value, { ...here, path })];
    });
  const nested = (attribute: AttributeSchema, value: Value, at: Place): readonly Diagnostic[] => {
    const inner = attribute.nested_type?.attributes;
    if (inner === undefined) return [];
    const rule = `${at.rule}.`;
    // The protocol has no path to an element of a set: messages stand at the set and name the element.
    if (isList(value)) {
      return value.flatMap((item) =>
        isObject(item)
          ? walk(inner, item, { rule, name: `${at.name}[Value(${describe(item)})].`, path: at.path })
          : [],
      );
    }
    return isObject(value) ? walk(inner, value, { rule, name: `${at.name}.`, path: at.path }) : [];
  };
  return walk(attributes, config, { rule: "", name: "", path: [] });
}

function describe(value: Value): string {
  if (value === null) return "<null>";
  if (isUnknown(value)) return "<unknown>";
  if (isList(value)) return `[${value.map(describe).join(",")}]`;
  if (!isObject(value)) return typeof value === "string" ? JSON.stringify(value) : String(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${describe(value[key] ?? null)}`).join(",")}}`;
}
