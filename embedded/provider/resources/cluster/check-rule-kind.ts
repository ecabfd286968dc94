import type { ConfigCheck } from "../../framework/combination-checks.ts";
import type { Diagnostic } from "../../wire/diagnostic.ts";
import type { ValueObject } from "../../wire/value.ts";

/** A rule about nodes names nodes, a rule about machines an affinity, and neither has what is the other's. */
export const checkRuleKind: ConfigCheck = (config) => {
  switch (config["type"]) {
    case "node-affinity":
      return [...needs(config, "nodes"), ...excludes(config, "affinity", "resource-affinity")];
    case "resource-affinity":
      return [
        ...needs(config, "affinity"),
        ...excludes(config, "nodes", "node-affinity"),
        ...(config["strict"] === true ? [notFor("strict", "node-affinity", "Combination")] : []),
      ];
    default:
      return [];
  }
};

function needs(config: ValueObject, attribute: string): readonly Diagnostic[] {
  if ((config[attribute] ?? null) !== null) return [];
  const detail = `The \`${attribute}\` attribute is required when \`type\` is "${String(config["type"])}".`;
  return [{ severity: "ERROR", summary: "Missing required attribute", detail, path: [attribute] }];
}

function excludes(config: ValueObject, attribute: string, owner: string): readonly Diagnostic[] {
  return (config[attribute] ?? null) === null ? [] : [notFor(attribute, owner, "combination")];
}

// The real provider spells the summary in two ways.
function notFor(attribute: string, owner: string, spelling: "Combination" | "combination"): Diagnostic {
  const summary =
    spelling === "Combination" ? "Invalid Attribute Combination" : "Invalid attribute combination";
  const detail = `The \`${attribute}\` attribute is only valid when \`type\` is "${owner}".`;
  return { severity: "ERROR", summary, detail, path: [attribute] };
}
