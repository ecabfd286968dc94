import { badParameters } from "../http/api-error.ts";
import { checkProperty, type ReportError } from "./check-property.ts";
import type { MethodSchema, Property } from "./schema.ts";

/** A request's parameters after checking: integers and booleans as numbers, everything else as sent. */
export type Parameters = Readonly<Record<string, string | number>>;

/** Highest index of each indexed parameter family plus one; all others go up to 255 (qemu-server 9). */
const indexedFamilies: Readonly<Record<string, number>> = {
  net: 32,
  ipconfig: 32,
  scsi: 31,
  virtio: 16,
  sata: 6,
  ide: 4,
  serial: 4,
  parallel: 3,
  usb: 14,
  hostpci: 16,
  numa: 8,
  virtiofs: 10,
  unused: 256,
};

/** The rules of a parameter: its own, or those of its family (`net3` -> `net[n]`) while the index exists. */
export function rulesOf(schema: MethodSchema, name: string): Property | undefined {
  const own = schema.parameters[name];
  if (own !== undefined) return own;
  const [, family = "", index = ""] = /^([a-z-]+?)(0|[1-9]\d*)$/.exec(name) ?? [];
  return Number(index) < (indexedFamilies[family] ?? 256) ? schema.parameters[`${family}[n]`] : undefined;
}

function coerce(value: string, rules: Property): string | number {
  return rules.type === "integer" || rules.type === "boolean" ? Number(value) : value;
}

const unknownText = "property is not defined in schema and the schema does not allow additional properties";

interface ParameterGroup {
  readonly rules: (name: string) => Property | undefined;
  readonly expected: Readonly<Record<string, Property>>;
  /** Put before a parameter's name where an error is reported. */
  readonly prefix: string;
}

/** The method's own parameters, then those that the deciding parameter's value brings. */
function groupsOf(schema: MethodSchema, sent: Readonly<Record<string, string>>): ParameterGroup[] {
  const own = { rules: (name: string) => rulesOf(schema, name), expected: schema.parameters, prefix: "" };
  const { typed } = schema;
  if (typed === undefined) return [own];
  const type = sent[typed.property] ?? "";
  const variant = typed.variants[type] ?? {};
  const deciding = { [typed.property]: typed.rules };
  return [
    own,
    { rules: (name) => deciding[name], expected: deciding, prefix: "" },
    { rules: (name) => variant[name], expected: variant, prefix: `oneOf[${type}].` },
  ];
}

/**
 * Checks every parameter of a request against the method's schema.
 *
 * @throws ApiError 400 with one text per wrong parameter, as Proxmox VE words them.
 */
export function checkParameters(schema: MethodSchema, sent: Readonly<Record<string, string>>): Parameters {
  const errors: Record<string, string> = {};
  const report = (path: string, message: string) => {
    errors[path] ??= message;
  };
  const groups = groupsOf(schema, sent);
  const checked: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(sent)) {
    const group = groups.find(({ rules }) => rules(name) !== undefined);
    const rules = group?.rules(name);
    if (group === undefined || rules === undefined) {
      report(name, unknownText);
      continue;
    }
    checkProperty(`${group.prefix}${name}`, value, rules, report);
    if (rules.requires !== undefined && sent[rules.requires] === undefined) {
      report(rules.requires, `missing property required by '${name}'`);
    }
    checked[name] = coerce(value, rules);
  }
  for (const { expected, prefix } of groups) reportMissing(expected, prefix, sent, report);
  if (Object.keys(errors).length > 0) throw badParameters(errors);
  return checked;
}

function reportMissing(
  expected: Readonly<Record<string, Property>>,
  prefix: string,
  sent: Readonly<Record<string, string>>,
  report: ReportError,
): void {
  for (const [name, rules] of Object.entries(expected)) {
    if (!rules.optional && !name.endsWith("[n]") && sent[name] === undefined) {
      report(`${prefix}${name}`, "property is missing and it is not optional");
    }
  }
}
