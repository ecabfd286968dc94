import type { Parameters } from "../api/api-client.ts";
import { ApiError, inContext } from "../api/api-error.ts";
import { expectData } from "../api/expect-data.ts";
import { escapeSegment } from "../api/tasks.ts";
import { ProviderFailure } from "../failure.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { Diagnostic } from "../wire/diagnostic.ts";
import type { ValueObject } from "../wire/value.ts";
import type { AttributeRules } from "./attribute-rules.ts";
import type { ConfigCheck } from "./combination-checks.ts";
import { DecodeFailure } from "./decode-failure.ts";
import { frameworkResource, type Tell } from "./framework-resource.ts";

/** Summary and detail of a diagnostic. */
type Words = readonly [summary: string, detail: string];

/** What was being done when an object was read back. */
type Phase = "create" | "update" | "import";

/** The real provider's words about one kind of object; `error` is what the API said. */
export interface ObjectWords {
  /** Stand before every error of the API. */
  readonly creating: (name: string) => string;
  readonly reading: (name: string) => string;
  readonly updating: (name: string) => string;
  readonly deleting: (name: string) => string;
  readonly createFailed: (name: string, error: string) => Words;
  readonly updateFailed: (name: string, error: string, prior: ValueObject) => Words;
  readonly readFailed: (name: string, error: string) => Words;
  readonly deleteFailed: (name: string, error: string) => Words;
  /** The warning when there is nothing to delete; absent keeps silent. */
  readonly alreadyGone?: (name: string) => Words;
  /** What is said when the object is not there right after a change. */
  readonly lost: (phase: Phase, name: string, error: string) => Words;
  /** Reading fails with other words right after a change. */
  readonly readBackFailed?: (phase: Phase, name: string, error: string) => Words;
}

/** One kind of object in the cluster's configuration: a collection and, below it, one path per name. */
export interface ClusterObject {
  readonly schema: TypeSchema;
  readonly rules: AttributeRules;
  readonly checks?: readonly ConfigCheck[];
  readonly words: ObjectWords;
  /** Where objects are created: "cluster/ha/resources/", with the slash that the real provider sends. */
  readonly collection: string;
  /** The path of one object. @default the collection and the name */
  readonly pathOf?: (name: string) => string;
  /** The object's name in the server. */
  readonly nameOf: (values: ValueObject) => string;
  /** The attributes that follow from the name, as they are before anything is read. */
  readonly identity: (name: string) => ValueObject;
  readonly createParameters: (planned: ValueObject) => Parameters;
  readonly updateParameters: (planned: ValueObject, prior: ValueObject) => Parameters;
  /** The state for what the server says about the object. */
  readonly stateOf: (data: unknown, before: ValueObject, tell: Tell) => ValueObject;
  /** Waits until a deleted object is gone. */
  readonly waitUntilGone?: (name: string, session: ProviderSession) => Promise<void>;
}

/** A kind of resource for such objects. */
export function clusterObject(object: ClusterObject): ResourceType {
  const { words, nameOf } = object;
  return frameworkResource({
    schema: object.schema,
    rules: object.rules,
    ...(object.checks === undefined ? {} : { checks: object.checks }),
    create: async (planned, session, tell) => {
      const name = nameOf(planned);
      await failingAs(
        (error) => words.createFailed(name, error),
        words.creating(name),
        () =>
          session.api.request("POST", object.collection, session.lifetime, object.createParameters(planned)),
      );
      return readBack(object, "create", name, { ...planned, ...object.identity(name) }, session, tell);
    },
    read: (state, session, tell) => readIfThere(object, nameOf(state), state, session, tell),
    update: async (planned, prior, session) => {
      const name = nameOf(prior);
      await failingAs(
        (error) => words.updateFailed(name, error, prior),
        words.updating(name),
        () =>
          session.api.request(
            "PUT",
            pathOf(object, name),
            session.lifetime,
            object.updateParameters(planned, prior),
          ),
      );
      return readBack(object, "update", name, planned, session, () => undefined);
    },
    remove: (state, session, tell) => remove(object, nameOf(state), session, tell),
    importState: (id, session) =>
      readBack(object, "import", id, object.identity(id), session, () => undefined),
  });
}

async function readBack(
  object: ClusterObject,
  phase: Phase,
  name: string,
  before: ValueObject,
  session: ProviderSession,
  tell: Tell,
): Promise<ValueObject> {
  const { lost, readFailed, readBackFailed } = object.words;
  try {
    return await fetchState(object, name, before, session, tell);
  } catch (error) {
    if (error instanceof ProviderFailure) throw error;
    const message = messageOf(error);
    const gone = failure(lost(phase, name, message));
    if (isNotFound(error)) throw new ProviderFailure([gone]);
    if (readBackFailed !== undefined)
      throw new ProviderFailure([failure(readBackFailed(phase, name, message))]);
    // What cannot be read counts as not found as well: the real provider says both.
    throw new ProviderFailure([failure(readFailed(name, message)), gone]);
  }
}

async function readIfThere(
  object: ClusterObject,
  name: string,
  state: ValueObject,
  session: ProviderSession,
  tell: Tell,
): Promise<ValueObject | undefined> {
  try {
    return await fetchState(object, name, state, session, tell);
  } catch (error) {
    if (error instanceof ProviderFailure) throw error;
    if (isNotFound(error)) return undefined;
    throw new ProviderFailure([failure(object.words.readFailed(name, messageOf(error)))]);
  }
}

async function fetchState(
  object: ClusterObject,
  name: string,
  before: ValueObject,
  session: ProviderSession,
  tell: Tell,
): Promise<ValueObject> {
  const path = pathOf(object, name);
  const data = await inContext(object.words.reading(name), () =>
    session.api.request("GET", path, session.lifetime),
  );
  try {
    return object.stateOf(expectData(data), before, tell);
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const reading = object.words.reading(name);
    throw new Error(
      `${reading}: failed to decode HTTP GET response (path: ${path}) - Reason: ${error.message}`,
      { cause: error },
    );
  }
}

async function remove(
  object: ClusterObject,
  name: string,
  session: ProviderSession,
  tell: Tell,
): Promise<void> {
  const { deleteFailed, deleting, alreadyGone } = object.words;
  try {
    await inContext(deleting(name), () =>
      session.api.request("DELETE", pathOf(object, name), session.lifetime),
    );
    await object.waitUntilGone?.(name, session);
  } catch (error) {
    if (!isNotFound(error)) throw new ProviderFailure([failure(deleteFailed(name, messageOf(error)))]);
    if (alreadyGone !== undefined) tell({ ...failure(alreadyGone(name)), severity: "WARNING" });
  }
}

async function failingAs<Result>(
  words: (error: string) => Words,
  context: string,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await inContext(context, step);
  } catch (error) {
    throw new ProviderFailure([failure(words(messageOf(error)))]);
  }
}

function pathOf(object: ClusterObject, name: string): string {
  return object.pathOf?.(name) ?? object.collection + escapeSegment(name);
}

function failure([summary, detail]: Words): Diagnostic {
  return { severity: "ERROR", summary, detail };
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.isNotFound;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
