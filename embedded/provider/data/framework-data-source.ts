import { ProviderFailure } from "../failure.ts";
import type { AttributeRules } from "../framework/attribute-rules.ts";
import { validateAttributes } from "../framework/validate-attributes.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import { isObject, type ValueObject } from "../wire/value.ts";

/**
 * A kind of data source that the real provider builds with the newer framework: values are taken as they are, and
 * a failure is told under one summary unless it brings its own words.
 */
export function frameworkDataSource(
  schema: TypeSchema,
  failureSummary: string,
  read: (config: ValueObject, session: ProviderSession) => Promise<ValueObject>,
  rules: AttributeRules = {},
): DataSourceType {
  return {
    schema,
    validate: (config) =>
      validateAttributes(schema.block.attributes ?? {}, rules, isObject(config) ? config : {}),
    read: async (config, session) => {
      try {
        return { state: { ...config, ...(await read(config, session)) }, diagnostics: [] };
      } catch (error) {
        if (error instanceof ProviderFailure) return { state: undefined, diagnostics: error.diagnostics };
        const detail = error instanceof Error ? error.message : String(error);
        return { state: undefined, diagnostics: [{ severity: "ERROR", summary: failureSummary, detail }] };
      }
    },
  };
}
