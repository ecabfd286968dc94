import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { ValueObject } from "../wire/value.ts";

/**
 * A kind of data source that the real provider builds with the newer framework: values are taken as they are, and
 * a failure is told under one summary.
 */
export function frameworkDataSource(
  schema: TypeSchema,
  failureSummary: string,
  read: (config: ValueObject, session: ProviderSession) => Promise<ValueObject>,
): DataSourceType {
  return {
    schema,
    validate: () => [],
    read: async (config, session) => {
      try {
        return { state: { ...config, ...(await read(config, session)) }, diagnostics: [] };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { state: undefined, diagnostics: [{ severity: "ERROR", summary: failureSummary, detail }] };
      }
    },
  };
}
