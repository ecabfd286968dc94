import { FormatError } from "./format-error.ts";
import { checkNamedFormat } from "./formats.ts";
import { parsePropertyString } from "./parse-property-string.ts";
import type { Property, PropertyString } from "./schema.ts";
import { propertyStrings } from "./schema.ts";
import { splitList } from "./split-list.ts";

/** Collects the first error of each path, as Proxmox VE does. */
export type ReportError = (path: string, message: string) => void;

const typePatterns: Readonly<Record<string, RegExp>> = {
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  boolean: /^[01]$/,
};

/** Schemas were printed by Perl: `(?^:...)` groups carry flags that JavaScript writes differently. */
function toPattern(perl: string): RegExp {
  return new RegExp(`^(?:${perl.replaceAll(/\(\?\^[a-z]*:/g, "(?:")})$`);
}

const compiled = new Map<string, RegExp>();

function matchesPattern(perl: string, value: string): boolean {
  const pattern = compiled.get(perl) ?? toPattern(perl);
  compiled.set(perl, pattern);
  return pattern.test(value);
}

/** One property's own limits, after type and format: the words of the first one broken. */
function brokenLimit(value: string, rules: Property): string | undefined {
  const { pattern, minLength, maxLength, minimum, maximum } = rules;
  if (pattern !== undefined && !matchesPattern(pattern, value))
    return "value does not match the regex pattern";
  if (maxLength !== undefined && value.length > Number(maxLength)) {
    return `value may only be ${maxLength} characters long`;
  }
  if (minLength !== undefined && value.length < Number(minLength)) {
    return `value must be at least ${minLength} characters long`;
  }
  if (maximum !== undefined && Number(value) > Number(maximum))
    return `value must have a maximum value of ${maximum}`;
  if (minimum !== undefined && Number(value) < Number(minimum))
    return `value must have a minimum value of ${minimum}`;
  if (rules.enum !== undefined && !rules.enum.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${rules.enum.join(", ")}'`;
  }
  return undefined;
}

/** Reports the first rule of `rules` that `value` breaks, under `path`; elements of an array are NUL-separated. */
export function checkProperty(path: string, value: string, rules: Property, report: ReportError): void {
  if (rules.type === "array") {
    const { items } = rules;
    if (items === undefined) return;
    for (const [index, element] of value.split("\0").entries())
      checkProperty(`${path}[${index}]`, element, items, report);
    return;
  }
  const typePattern = typePatterns[rules.type ?? "string"];
  if (typePattern !== undefined && !typePattern.test(value)) {
    report(path, `type check ('${rules.type}') failed - got '${value}'`);
    return;
  }
  if (rules.format !== undefined) {
    try {
      checkFormat(path, rules.format, value);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report(path, `invalid format - ${error.message}\n`);
      return;
    }
  }
  const broken = brokenLimit(value, rules);
  if (broken !== undefined) report(path, broken);
}

/**
 * Checks a value against a format: a property string, a named check, or a `-list` / `-opt` variant of one.
 *
 * @throws FormatError with Proxmox VE's words.
 */
function checkFormat(path: string, format: string | PropertyString, value: string): void {
  if (typeof format !== "string") {
    checkPropertyString(path, format, value);
    return;
  }
  const [, element, variant] = /^(.+)-(a?list|opt)$/.exec(format) ?? [];
  if (element !== undefined && variant === "opt") {
    if (value !== "") checkFormat(path, element, value);
  } else if (element !== undefined) {
    for (const part of splitList(value)) checkFormat(path, element, part);
  } else {
    const keys = propertyStrings[format];
    if (keys !== undefined) checkPropertyString(path, keys, value);
    checkNamedFormat(format, value);
  }
}

function checkPropertyString(path: string, format: PropertyString, value: string): void {
  const values = parsePropertyString(format, value);
  const errors: string[] = [];
  const report: ReportError = (where, message) => errors.push(`${where}: ${message}`);
  for (const [key, rules] of Object.entries(format)) {
    if (rules.alias !== undefined) continue;
    const found = values[key];
    if (found !== undefined) checkPresent(path, key, found, rules, values, report);
    else if (!rules.optional) report(`${path}.${key}`, "property is missing and it is not optional");
  }
  if (errors.length > 0) throw new FormatError(`format error\n${errors.join("\n")}`);
}

function checkPresent(
  path: string,
  key: string,
  value: string,
  rules: Property,
  values: Readonly<Record<string, string>>,
  report: ReportError,
): void {
  if (rules.requires !== undefined && values[rules.requires] === undefined) {
    report(`${path}.${rules.requires}`, `missing property required by '${path}.${key}'`);
  }
  checkProperty(`${path}.${key}`, value, rules, report);
}
