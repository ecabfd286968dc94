import { failureDiagnostics } from "../failure.ts";
import type { Memory } from "../memory.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { Outcome, ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { Diagnostic, Path } from "../wire/diagnostic.ts";
import { isObject, type Value, type ValueObject } from "../wire/value.ts";
import type { AttributeRules } from "./attribute-rules.ts";
import type { ConfigCheck } from "./combination-checks.ts";
import { planAttributes } from "./plan-attributes.ts";
import { validateAttributes } from "./validate-attributes.ts";

/** Tells Terraform something without ending the operation; an error taints what was made. */
export type Tell = (diagnostic: Diagnostic) => void;

/** A plan that a resource's own rule may change. */
export interface DraftPlan {
  readonly prior: ValueObject;
  readonly planned: ValueObject;
  readonly replaces: readonly Path[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The operations of a resource. Each gives the new state and throws ProviderFailure when it fails. */
export interface FrameworkDefinition {
  readonly schema: TypeSchema;
  readonly rules: AttributeRules;
  readonly checks?: readonly ConfigCheck[];
  /** A rule over the planned change of an existing resource. */
  readonly revise?: (draft: DraftPlan, memory: Memory) => DraftPlan;
  readonly create: (planned: ValueObject, session: ProviderSession, tell: Tell) => Promise<ValueObject>;
  /** The state as the server has it, or undefined when it is gone; `remember` sets what the next plan gets. */
  readonly read: (
    state: ValueObject,
    session: ProviderSession,
    tell: Tell,
    remember: (memory: Memory) => void,
  ) => Promise<ValueObject | undefined>;
  readonly update: (
    planned: ValueObject,
    prior: ValueObject,
    session: ProviderSession,
  ) => Promise<ValueObject>;
  readonly remove: (state: ValueObject, session: ProviderSession, tell: Tell) => Promise<void>;
  readonly importState: (id: string, session: ProviderSession) => Promise<ValueObject>;
}

/** A kind of resource that the real provider builds with the newer framework: a failed change leaves the state alone. */
export function frameworkResource(definition: FrameworkDefinition): ResourceType {
  const { schema, rules, checks = [] } = definition;
  const attributes = schema.block.attributes ?? {};
  return {
    schema,
    isLegacy: false,
    validate: (config) => [
      ...validateAttributes(attributes, rules, asObject(config)),
      ...checks.flatMap((check) => check(asObject(config))),
    ],
    plan: ({ prior, proposed, config, memory }) => {
      const draft = planAttributes({ attributes, rules, prior, proposed, config });
      if (prior === undefined || definition.revise === undefined) return { ...draft, diagnostics: [] };
      return definition.revise({ ...draft, prior, diagnostics: [] }, memory);
    },
    apply: ({ prior, planned }, session) =>
      outcomeOf(prior, (tell) => applyChange(definition, prior, planned, session, tell)),
    read: (state, session) => readOutcome(definition, state, session),
    importState: (id, session) =>
      outcomeOf(undefined, async () => ({
        ...nullState(schema),
        ...(await definition.importState(id, session)),
      })),
  };
}

async function applyChange(
  definition: FrameworkDefinition,
  prior: ValueObject | undefined,
  planned: ValueObject | undefined,
  session: ProviderSession,
  tell: Tell,
): Promise<ValueObject | undefined> {
  if (prior === undefined) return definition.create(planned ?? {}, session, tell);
  if (planned !== undefined) return definition.update(planned, prior, session);
  await definition.remove(prior, session, tell);
  return undefined;
}

async function readOutcome(
  definition: FrameworkDefinition,
  state: ValueObject,
  session: ProviderSession,
): Promise<Outcome> {
  let kept: Memory | undefined;
  const outcome = await outcomeOf(state, (tell) =>
    definition.read(state, session, tell, (memory) => {
      kept = memory;
    }),
  );
  return kept === undefined ? outcome : { ...outcome, memory: kept };
}

async function outcomeOf(
  prior: ValueObject | undefined,
  step: (tell: Tell) => Promise<ValueObject | undefined>,
): Promise<Outcome> {
  const told: Diagnostic[] = [];
  try {
    const state = await step((diagnostic) => told.push(diagnostic));
    return { state, diagnostics: told };
  } catch (error) {
    return { state: prior, diagnostics: [...failureDiagnostics(error), ...told] };
  }
}

function nullState({ block }: TypeSchema): ValueObject {
  return Object.fromEntries(Object.keys(block.attributes ?? {}).map((key) => [key, null]));
}

function asObject(value: Value): ValueObject {
  return isObject(value) ? value : {};
}
