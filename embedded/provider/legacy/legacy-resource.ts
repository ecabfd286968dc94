import { failureDiagnostics, ProviderCrash } from "../failure.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { Outcome, ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { Diagnostic } from "../wire/diagnostic.ts";
import type { Value, ValueObject } from "../wire/value.ts";
import { type Behaviours, buildFields, type Fields } from "./field.ts";
import { normalizeObject } from "./normalize-nulls.ts";
import { type DraftChange, planChange } from "./plan-change.ts";
import { createResourceData, type ResourceData } from "./resource-data.ts";
import { validateConfig } from "./validate-config.ts";

/** One operation on a resource: it works on the data, warns through `warn` and throws on failure. */
export type Operation = (
  data: ResourceData,
  session: ProviderSession,
  warn: (diagnostic: Diagnostic) => void,
) => Promise<void>;

interface LegacyDefinition {
  readonly schema: TypeSchema;
  readonly behaviours: Behaviours;
  /** Checks over the whole configuration, beside those of single attributes. */
  readonly checks?: readonly ((config: Value) => readonly Diagnostic[])[];
  /** Rules over the planned resource as a whole, in order. */
  readonly customize?: readonly ((draft: DraftChange) => void)[];
  readonly create: Operation;
  readonly read: Operation;
  readonly update: Operation;
  readonly remove: Operation;
  /** The attributes that an import id gives; throws on a bad id, or where an import is not supported. */
  readonly parseImportId: (id: string) => ValueObject;
}

/** A kind of resource that the real provider builds with the legacy SDK. */
export function legacyResource(definition: LegacyDefinition): ResourceType {
  const { schema, checks = [], customize = [] } = definition;
  const fields = buildFields(schema.block, definition.behaviours);
  return {
    schema,
    isLegacy: true,
    validate: (config) => [...validateConfig(fields, config), ...checks.flatMap((check) => check(config))],
    plan: ({ prior, proposed }) => ({
      ...planChange({ fields, prior, proposed, customize }),
      diagnostics: [],
    }),
    apply: async ({ prior, planned, config }, session) => {
      if (planned === undefined) return destroy(fields, definition, prior ?? {}, session);
      const isNew = prior === undefined;
      const data = createResourceData(fields, { prior, planned, config, isNew });
      const { state, diagnostics } = await run(data, isNew ? definition.create : definition.update, session);
      return { state: state && normalizeObject(fields, state, planned, true), diagnostics };
    },
    read: (state, session) => refresh(fields, definition, state, session),
    importState: async (id) => {
      try {
        return { state: { ...emptyState(fields), ...definition.parseImportId(id) }, diagnostics: [] };
      } catch (error) {
        return { state: undefined, diagnostics: failureDiagnostics(error) };
      }
    },
  };
}

async function destroy(
  fields: Fields,
  definition: LegacyDefinition,
  prior: ValueObject,
  session: ProviderSession,
): Promise<Outcome> {
  const data = createResourceData(fields, { prior, planned: prior, isNew: false });
  const { diagnostics } = await run(data, definition.remove, session);
  // Terraform itself keeps the old state when a destroy comes back with an error.
  return { state: undefined, diagnostics };
}

async function refresh(
  fields: Fields,
  definition: LegacyDefinition,
  prior: ValueObject,
  session: ProviderSession,
): Promise<Outcome> {
  const data = createResourceData(fields, { prior, planned: prior, isNew: false });
  const { state, diagnostics } = await run(data, definition.read, session);
  if (state === undefined) return { state, diagnostics };
  return { state: normalizeObject(fields, state, prior, false), diagnostics };
}

async function run(data: ResourceData, operation: Operation, session: ProviderSession): Promise<Outcome> {
  const warnings: Diagnostic[] = [];
  try {
    await operation(data, session, (warning) => warnings.push(warning));
    return { state: data.state(), diagnostics: warnings };
  } catch (error) {
    if (error instanceof ProviderCrash) throw error;
    return { state: data.state(), diagnostics: [...failureDiagnostics(error), ...warnings] };
  }
}

function emptyState(fields: Fields): ValueObject {
  return Object.fromEntries(
    [...fields.fields].map(([name, field]) => [name, field.kind === "list" && field.isBlock ? [] : null]),
  );
}
