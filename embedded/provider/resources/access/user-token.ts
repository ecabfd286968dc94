import { inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import { failingAs } from "../../failing-as.ts";
import { ProviderFailure } from "../../failure.ts";
import { matching, readable } from "../../framework/attribute-checks.ts";
import {
  type AttributeRules,
  chosenByServer,
  identifying,
  resourceId,
} from "../../framework/attribute-rules.ts";
import { frameworkResource } from "../../framework/framework-resource.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { epochSeconds, rfc3339 } from "./rfc3339.ts";

const rules: AttributeRules = {
  expiration_date: {
    checks: [readable((text) => epochSeconds(text) !== undefined, "must be a valid RFC3339 date")],
  },
  id: resourceId,
  privileges_separation: { default: true },
  token_name: {
    ...identifying,
    checks: [matching(/[A-Za-z][A-Za-z0-9.\-_]+/, "must be a valid token identifier")],
  },
  user_id: identifying,
  value: chosenByServer,
};

interface Token {
  readonly comment?: string;
  readonly expire?: number;
  readonly privsep?: unknown;
}

/** proxmox_user_token: an API token. Its value is known only right after it was made. */
export function userToken(schema: TypeSchema): ResourceType {
  return frameworkResource({
    schema,
    rules,
    create: async (planned, { api, lifetime }) => {
      const made = await failingAs("Error creating user token", () =>
        inContext("error creating user token", () =>
          api.request("POST", tokenPath(planned), lifetime, tokenParameters(planned)),
        ),
      );
      const id = `${String(planned["user_id"])}!${String(planned["token_name"])}`;
      const { value } = made as { readonly value: string };
      return { ...planned, id, value: `${id}=${value}` };
    },
    read: (state, session) => readToken(state, session),
    update: async (planned, prior, { api, lifetime }) => {
      const isEndless =
        (planned["expiration_date"] ?? null) === null && (prior["expiration_date"] ?? null) !== null;
      const parameters = { ...tokenParameters(planned), ...(isEndless ? { expire: "0" } : {}) };
      await failingAs("Error updating user token", () =>
        inContext("error updating user token", () =>
          api.request("PUT", tokenPath(planned), lifetime, parameters),
        ),
      );
      return planned;
    },
    remove: async (state, { api, lifetime }) => {
      await failingAs("Error deleting user token", () =>
        inContext("error deleting user token", () => api.request("DELETE", tokenPath(state), lifetime)),
      );
    },
    importState: (id, session) => {
      const [user = "", name = "", ...rest] = id.split("!");
      if (user === "" || name === "" || rest.length > 0) {
        const detail = `Expected import identifier with format: 'user_id!token_name'. Got: ${JSON.stringify(id)}`;
        throw new ProviderFailure([{ severity: "ERROR", summary: "Unexpected Import Identifier", detail }]);
      }
      return readToken({ id, user_id: user, token_name: name, value: null, expiration_date: null }, session);
    },
  });
}

async function readToken(state: ValueObject, { api, lifetime }: ProviderSession): Promise<ValueObject> {
  const found = await failingAs("Error reading user token", () =>
    inContext("error retrieving user token", () => api.request("GET", tokenPath(state), lifetime)),
  );
  const { comment, expire = 0, privsep } = found as Token;
  return {
    ...state,
    comment: comment ?? null,
    expiration_date: expire > 0 ? rfc3339(expire) : (state["expiration_date"] ?? null),
    privileges_separation: privsep === undefined ? null : privsep === 1,
  };
}

function tokenParameters(values: ValueObject): Readonly<Record<string, string>> {
  const [comment, date] = [values["comment"] ?? null, values["expiration_date"] ?? null];
  return {
    privsep: String(Number(values["privileges_separation"] === true)),
    ...(comment === null ? {} : { comment: String(comment) }),
    ...(date === null ? {} : { expire: String(epochSeconds(String(date)) ?? 0) }),
  };
}

function tokenPath(values: ValueObject): string {
  const [user, name] = [String(values["user_id"]), String(values["token_name"])];
  return `access/users/${escapeSegment(user)}/token/${escapeSegment(name)}`;
}
