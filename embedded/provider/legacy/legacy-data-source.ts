import { failureDiagnostics } from "../failure.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { Diagnostic } from "../wire/diagnostic.ts";
import { isList, type ValueObject } from "../wire/value.ts";
import { type Behaviours, buildFields } from "./field.ts";
import { type Section, section } from "./section.ts";
import { validateConfig } from "./validate-config.ts";
import { zeroed, zeroedObject } from "./zero-values.ts";

interface LegacyDataDefinition {
  readonly schema: TypeSchema;
  readonly behaviours?: Behaviours;
  /** What to use instead of a deprecated data source. */
  readonly deprecation?: string;
  /** Reads the values that the data source computes. */
  readonly read: (
    config: Section,
    session: ProviderSession,
    warn: (diagnostic: Diagnostic) => void,
  ) => Promise<ValueObject>;
}

/** A kind of data source that the real provider builds with the legacy SDK. */
export function legacyDataSource(definition: LegacyDataDefinition): DataSourceType {
  const { schema, behaviours = {} } = definition;
  const fields = buildFields(schema.block, behaviours);
  return {
    schema,
    validate: (config) => [...deprecationWarning(definition), ...validateConfig(fields, config)],
    read: async (config, session) => {
      const warnings: Diagnostic[] = [];
      const filled = zeroedObject(fields, config, true);
      try {
        const found = await definition.read(
          section((key) => filled[key]),
          session,
          (warning) => warnings.push(warning),
        );
        const entries = [...fields.fields].map(([name, field]) => {
          if (name in found) return [name, zeroed(field, found[name])] as const;
          const value = config[name] ?? null;
          const isAbsent = value === null || (isList(value) && value.length === 0);
          return [name, isAbsent ? null : zeroed(field, value, true)] as const;
        });
        return { state: Object.fromEntries(entries), diagnostics: warnings };
      } catch (error) {
        return { state: undefined, diagnostics: [...failureDiagnostics(error), ...warnings] };
      }
    },
  };
}

function deprecationWarning({ deprecation: detail }: LegacyDataDefinition): readonly Diagnostic[] {
  return detail === undefined ? [] : [{ severity: "WARNING", summary: "Deprecated Resource", detail }];
}
