import type { Diagnostic } from "../wire/diagnostic.ts";
import { isUnknown, type ValueObject } from "../wire/value.ts";

/** A check over a whole configuration. */
export type ConfigCheck = (config: ValueObject) => readonly Diagnostic[];

/** At most one of these attributes is configured; while one of them is unknown nothing is said. */
export function conflicting(...names: readonly string[]): ConfigCheck {
  return (config) => {
    const given = names.filter((name) => (config[name] ?? null) !== null);
    if (given.length <= 1 || names.some((name) => isUnknown(config[name]))) return [];
    const detail = `These attributes cannot be configured together: [${names.join(",")}]`;
    return [{ severity: "ERROR", summary: "Invalid Attribute Combination", detail, path: [given[0] ?? ""] }];
  };
}

/** One of these attributes is configured, or may turn out to be. */
export function atLeastOneOf(...names: readonly string[]): ConfigCheck {
  return (config) => {
    if (names.some((name) => (config[name] ?? null) !== null)) return [];
    const detail = `At least one of these attributes must be configured: [${names.join(",")}]`;
    return [{ severity: "ERROR", summary: "Missing Attribute Configuration", detail }];
  };
}
