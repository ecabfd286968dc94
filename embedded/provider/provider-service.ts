import { type ConfiguredProvider, configure } from "./configure.ts";
import { failureDiagnostics } from "./failure.ts";
import { memoryFromPrivate, privateFromMemory } from "./memory.ts";
import type { ProviderSession } from "./provider-session.ts";
import { dataSourceTypes, resourceTypes } from "./provider-types.ts";
import type { DataSourceType, ResourceType } from "./resource-type.ts";
import { blockType, providerSchema, type TypeSchema } from "./schema/schema.ts";
import { validateProviderConfig } from "./validate-provider-config.ts";
import type { CtyType } from "./wire/cty-type.ts";
import { type Diagnostic, diagnosticMessage, pathMessage } from "./wire/diagnostic.ts";
import { decodeValue, encodeValue } from "./wire/dynamic-value.ts";
import { valueFromJson } from "./wire/json-value.ts";
import { schemaMessage } from "./wire/schema-message.ts";
import type { RpcHandlers, RpcService } from "./wire/start-server.ts";
import { isObject, type Value, type ValueObject } from "./wire/value.ts";

interface Dynamic {
  readonly msgpack: Uint8Array;
}

/** Fields that requests have, as far as their call has them. */
interface Request {
  readonly type_name: string;
  readonly id: string;
  readonly config: Dynamic | null;
  readonly prior_state: Dynamic | null;
  readonly proposed_new_state: Dynamic | null;
  readonly planned_state: Dynamic | null;
  readonly current_state: Dynamic | null;
  readonly prior_private: Uint8Array;
  readonly planned_private: Uint8Array;
  readonly private: Uint8Array;
  readonly raw_state: { readonly json: Uint8Array } | null;
}

type Handler = (request: Request, lifetime: AbortSignal) => object | Promise<object>;

/** The capability to be asked about destroying, and the wish to be asked for the schema each time. */
const capabilities = { plan_destroy: true, get_provider_schema_optional: false, move_resource_state: false };

/** The calls of the plugin protocol for one connection. Terraform configures before it reads or changes anything. */
export function providerService(environment: NodeJS.ProcessEnv): RpcService {
  let configured: ConfiguredProvider | undefined;
  const session = (signal: AbortSignal): ProviderSession => {
    if (configured === undefined) throw new Error("the provider was not configured");
    const { api, vmIds, ssh } = configured;
    return { api, vmIds, ssh, lifetime: { signal } };
  };
  const handlers: Readonly<Record<string, Handler>> = {
    GetMetadata: () => ({
      server_capabilities: capabilities,
      resources: names(resourceTypes),
      data_sources: names(dataSourceTypes),
    }),
    GetProviderSchema: () => schemaResponse,
    GetResourceIdentitySchemas: () => ({}),
    GetFunctions: () => ({}),
    StopProvider: () => ({}),
    ValidateProviderConfig: ({ config }) => {
      const value = decodeObject(config, blockType(providerSchema.provider.block));
      return { diagnostics: messages(validateProviderConfig(value ?? {})) };
    },
    ConfigureProvider: ({ config }) =>
      reporting(() => {
        const value = decodeObject(config, blockType(providerSchema.provider.block));
        configured?.close();
        configured = configure(value ?? {}, environment);
        return {};
      }),
    ValidateResourceConfig: (request) => validate(resourceOf(request), request),
    ValidateDataResourceConfig: (request) => validate(dataSourceOf(request), request),
    UpgradeResourceState: upgrade,
    PlanResourceChange: plan,
    ApplyResourceChange: (request, signal) => apply(request, session(signal)),
    ReadResource: (request, signal) => read(request, session(signal)),
    ImportResourceState: (request, signal) => importState(request, session(signal)),
    ReadDataSource: (request, signal) => readData(request, session(signal)),
  };
  return { handlers: handlers as unknown as RpcHandlers, close: () => configured?.close() };
}

// Terraform asks several times in every run, and the answer is always the same.
const schemaResponse = {
  server_capabilities: capabilities,
  provider: schemaMessage(providerSchema.provider),
  resource_schemas: schemas(resourceTypes),
  data_source_schemas: schemas(dataSourceTypes),
};

function names(types: ReadonlyMap<string, unknown>): object[] {
  return [...types.keys()].map((name) => ({ type_name: name }));
}

function schemas(types: ReadonlyMap<string, { readonly schema: TypeSchema }>): object {
  return Object.fromEntries([...types].map(([name, { schema }]) => [name, schemaMessage(schema)]));
}

function validate(type: ResourceType | DataSourceType, { config }: Request): object {
  const value = decode(config, blockType(type.schema.block));
  return { diagnostics: messages(type.validate(value)) };
}

function upgrade(request: Request): object {
  const type = blockType(resourceOf(request).schema.block);
  const json = new TextDecoder().decode(request.raw_state?.json);
  return { upgraded_state: encode(valueFromJson(json, type), type) };
}

function plan(request: Request): object {
  const resource = resourceOf(request);
  const type = blockType(resource.schema.block);
  const prior = decodeObject(request.prior_state, type);
  const proposed = decodeObject(request.proposed_new_state, type);
  const config = decodeObject(request.config, type);
  if (proposed === undefined) {
    return { planned_state: encode(null, type), planned_private: request.prior_private };
  }
  return reporting(() => {
    const memory = memoryFromPrivate(request.prior_private);
    const result = resource.plan({ prior, proposed, config: config ?? {}, memory });
    return {
      planned_state: encode(result.planned, type),
      requires_replace: result.replaces.map(pathMessage),
      planned_private: request.prior_private,
      legacy_type_system: resource.isLegacy,
      diagnostics: messages(result.diagnostics),
    };
  });
}

async function apply(request: Request, session: ProviderSession): Promise<object> {
  const resource = resourceOf(request);
  const type = blockType(resource.schema.block);
  const outcome = await resource.apply(
    {
      prior: decodeObject(request.prior_state, type),
      planned: decodeObject(request.planned_state, type),
      config: decodeObject(request.config, type),
    },
    session,
  );
  return {
    new_state: encode(outcome.state ?? null, type),
    private: request.planned_private,
    legacy_type_system: resource.isLegacy,
    diagnostics: messages(outcome.diagnostics),
  };
}

async function read(request: Request, session: ProviderSession): Promise<object> {
  const resource = resourceOf(request);
  const type = blockType(resource.schema.block);
  const current = decodeObject(request.current_state, type) ?? {};
  const outcome = await resource.read(current, session);
  return {
    new_state: encode(outcome.state ?? null, type),
    private: outcome.memory === undefined ? request.private : privateFromMemory(outcome.memory),
    diagnostics: messages(outcome.diagnostics),
  };
}

async function importState(request: Request, session: ProviderSession): Promise<object> {
  const resource = resourceOf(request);
  const { state, diagnostics } = await resource.importState(request.id, session);
  const imported =
    state === undefined
      ? []
      : [{ type_name: request.type_name, state: encode(state, blockType(resource.schema.block)) }];
  return { imported_resources: imported, diagnostics: messages(diagnostics) };
}

async function readData(request: Request, session: ProviderSession): Promise<object> {
  const dataSource = dataSourceOf(request);
  const type = blockType(dataSource.schema.block);
  const outcome = await dataSource.read(decodeObject(request.config, type) ?? {}, session);
  return { state: encode(outcome.state ?? null, type), diagnostics: messages(outcome.diagnostics) };
}

function reporting(step: () => object): object {
  try {
    return step();
  } catch (error) {
    return { diagnostics: messages(failureDiagnostics(error)) };
  }
}

function resourceOf({ type_name: name }: Request): ResourceType {
  return known(resourceTypes.get(name), name);
}

function dataSourceOf({ type_name: name }: Request): DataSourceType {
  return known(dataSourceTypes.get(name), name);
}

function known<Type>(type: Type | undefined, name: string): Type {
  if (type === undefined) throw new Error(`unknown type: ${name}`);
  return type;
}

function messages(diagnostics: readonly Diagnostic[]): object[] {
  return diagnostics.map(diagnosticMessage);
}

function decode(dynamic: Dynamic | null, type: CtyType): Value {
  return decodeValue(dynamic?.msgpack, type);
}

function decodeObject(dynamic: Dynamic | null, type: CtyType): ValueObject | undefined {
  const value = decode(dynamic, type);
  return isObject(value) ? value : undefined;
}

function encode(value: Value, type: CtyType): object {
  return { msgpack: encodeValue(value, type) };
}
