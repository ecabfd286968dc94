import { apiSchema, type Property } from "../check/schema.ts";
import type { Call } from "../endpoints/endpoint.ts";
import type { SectionValue, SectionValues } from "../state/section.ts";
import type { SectionApi } from "./section-api.ts";
import type { SectionOptions } from "./section-file.ts";

/** The calls that say what a kind's settings are. */
type SectionCalls = Pick<SectionApi, "path" | "createPath" | "idName">;

/** Parameters that are never settings. */
const controls = new Set(["delete", "digest", "type"]);

/** The settings of a type with their rules, by the schema of the create call. */
function rulesFor({ path, createPath = path, idName }: SectionCalls, type: string): Map<string, Property> {
  const method = apiSchema.get(createPath)?.get("POST");
  if (method === undefined) throw new Error(`the schema has no POST ${createPath}`);
  const rules = Object.entries({ ...method.parameters, ...method.typed?.variants[type] });
  return new Map(rules.filter(([name]) => name !== idName && !controls.has(name)));
}

/** The options of a section's type. */
export function optionsOf(calls: SectionCalls, type: string): SectionOptions {
  const rules = [...rulesFor(calls, type)];
  return new Map(rules.map(([name, { optional }]) => [name, { isRequired: !optional }]));
}

function toValue(value: string | number, rules: Property | undefined): SectionValue {
  if (rules?.type === "array") return String(value).split("\0");
  return rules?.type === "number" ? Number(value) : value;
}

/** The settings that a create or update call sent. */
export function settingsOf(calls: SectionCalls, call: Call, type: string): SectionValues {
  const rules = rulesFor(calls, type);
  const sent = Object.entries(call.parameters).filter(
    ([name]) => name !== calls.idName && !controls.has(name),
  );
  return Object.fromEntries(sent.map(([name, value]) => [name, toValue(value, rules.get(name))]));
}
