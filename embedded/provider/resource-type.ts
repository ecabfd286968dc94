import type { Memory } from "./memory.ts";
import type { ProviderSession } from "./provider-session.ts";
import type { TypeSchema } from "./schema/schema.ts";
import type { Diagnostic, Path } from "./wire/diagnostic.ts";
import type { Value, ValueObject } from "./wire/value.ts";

/** The outcome of reading or changing a resource: the new state (undefined: it is gone) and what to tell. */
export interface Outcome {
  readonly state: ValueObject | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What Terraform is to keep beside the state for the next plan; absent keeps what it has. */
  readonly memory?: Memory;
}

/** The outcome of planning. */
interface Plan {
  readonly planned: ValueObject;
  readonly replaces: readonly Path[];
  readonly diagnostics: readonly Diagnostic[];
}

interface PlanRequest {
  readonly prior: ValueObject | undefined;
  readonly proposed: ValueObject;
  readonly config: ValueObject;
  /** What the last read left. */
  readonly memory: Memory;
}

interface ApplyRequest {
  readonly prior: ValueObject | undefined;
  /** The planned values; undefined destroys. */
  readonly planned: ValueObject | undefined;
  readonly config: ValueObject | undefined;
}

/** A kind of resource: what the protocol's calls about it do. */
export interface ResourceType {
  readonly schema: TypeSchema;
  /** Whether Terraform tolerates the legacy SDK's loose typing in plans and states. */
  readonly isLegacy: boolean;
  readonly validate: (config: Value) => readonly Diagnostic[];
  readonly plan: (request: PlanRequest) => Plan;
  readonly apply: (request: ApplyRequest, session: ProviderSession) => Promise<Outcome>;
  readonly read: (state: ValueObject, session: ProviderSession) => Promise<Outcome>;
  /** The state that an import id gives; Terraform reads the resource right after. */
  readonly importState: (id: string, session: ProviderSession) => Promise<Outcome>;
}

/** A kind of data source. */
export interface DataSourceType {
  readonly schema: TypeSchema;
  readonly validate: (config: Value) => readonly Diagnostic[];
  readonly read: (config: ValueObject, session: ProviderSession) => Promise<Outcome>;
}
