import type { Diagnostic, Path } from "../wire/diagnostic.ts";
import { Decimal, isList, isObject, isUnknown, type Value } from "../wire/value.ts";
import type { Field, Fields, ListField, PrimitiveField } from "./field.ts";

/**
 * Checks a configuration as the legacy SDK does, value by value; unknown values are checked once they are known.
 * All problems are reported at once, each at its place.
 */
export function validateConfig(fields: Fields, config: Value): readonly Diagnostic[] {
  return validateObject(fields, config, [], config);
}

function validateObject(fields: Fields, value: Value, path: Path, config: Value): readonly Diagnostic[] {
  if (!isObject(value)) return [];
  return [...fields.fields].flatMap(([name, field]) =>
    validateField(field, value[name] ?? null, [...path, name], config),
  );
}

function validateField(field: Field, value: Value, path: Path, config: Value): readonly Diagnostic[] {
  const isAbsent =
    value === null || (field.kind === "list" && field.isBlock && isList(value) && value.length === 0);
  if (isAbsent) return [];
  const missing = missingCompanion(field, path, config);
  if (missing !== undefined) return [missing];
  if (hasUnknown(value)) return [];
  return field.kind === "list"
    ? [...validateList(field, value, path, config), ...deprecationWarning(field, path)]
    : validatePrimitive(field, value, path);
}

function validateList(field: ListField, value: Value, path: Path, config: Value): readonly Diagnostic[] {
  if (!isList(value)) return [];
  if (field.maxItems !== undefined && value.length > field.maxItems) {
    const detail = `Attribute ${dotted(path)} supports ${field.maxItems} item maximum, but config has ${value.length} declared.`;
    return [{ severity: "ERROR", summary: "Too many list items", detail, path }];
  }
  return value.flatMap((item, index) => {
    const at = [...path, index];
    if (field.element.kind === "object") return validateObject(field.element, item, at, config);
    return item === null ? [] : validateField(field.element, item, at, config);
  });
}

function validatePrimitive(field: PrimitiveField, value: Value, path: Path): readonly Diagnostic[] {
  const plain = value instanceof Decimal ? Number(value.text) : value;
  if (typeof plain !== "string" && typeof plain !== "number" && typeof plain !== "boolean") return [];
  if (field.kind === "number" && field.isFloat !== true && !Number.isInteger(plain)) {
    return [{ severity: "ERROR", summary: `Attribute must be a whole number, got ${plain}`, path }];
  }
  const place = { name: String(path.findLast((step) => typeof step === "string")), dotted: dotted(path) };
  const problems = field.check?.(plain, place) ?? [];
  return [
    ...problems.map((summary): Diagnostic => ({ severity: "ERROR", summary, path })),
    ...deprecationWarning(field, path),
  ];
}

function deprecationWarning(field: Field, path: Path): readonly Diagnostic[] {
  if (field.deprecation === undefined) return [];
  return [{ severity: "WARNING", summary: "Argument is deprecated", detail: field.deprecation, path }];
}

function missingCompanion(field: Field, path: Path, config: Value): Diagnostic | undefined {
  if (field.requires === undefined) return undefined;
  const keys = [...field.requires, dotted(path)].sort();
  if (keys.every((key) => isConfigured(key.split("."), config))) return undefined;
  const detail = `"${dotted(path)}": all of \`${keys.join(",")}\` must be specified`;
  return { severity: "ERROR", summary: "Missing required argument", detail, path };
}

function isConfigured(steps: readonly string[], config: Value): boolean {
  const value = steps.reduce<Value>((inner, step) => {
    if (isList(inner)) return inner[Number(step)] ?? null;
    return isObject(inner) ? (inner[step] ?? null) : null;
  }, config);
  return value !== null;
}

function hasUnknown(value: Value): boolean {
  if (isList(value)) return value.some(hasUnknown);
  return isObject(value) ? Object.values(value).some(hasUnknown) : isUnknown(value);
}

function dotted(path: Path): string {
  return path.join(".");
}
