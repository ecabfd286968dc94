import { inContext } from "../../api/api-error.ts";
import { failingAs } from "../../failing-as.ts";
import { ProviderFailure } from "../../failure.ts";
import { type AttributeRules, identifying, resourceId } from "../../framework/attribute-rules.ts";
import { conflicting } from "../../framework/combination-checks.ts";
import { frameworkResource } from "../../framework/framework-resource.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { listAcl, updateAcl } from "./inline-acl.ts";

const rules: AttributeRules = {
  group_id: identifying,
  id: resourceId,
  path: identifying,
  propagate: { default: true },
  role_id: identifying,
  token_id: identifying,
  user_id: identifying,
};

/** proxmox_acl: one role for one user, group or token on one path. */
export function aclResource(schema: TypeSchema): ResourceType {
  return frameworkResource({
    schema,
    rules,
    checks: [conflicting("group_id", "token_id", "user_id")],
    create: async (planned, session) => {
      await change("Unable to create ACL", planned, {}, session);
      const whose = ["group_id", "token_id", "user_id"].map((key) => text(planned, key)).join("");
      return { ...planned, id: `${text(planned, "path")}?${whose}?${text(planned, "role_id")}` };
    },
    read: async (state, session) => {
      const list = await failing("Unable to read ACL", () => listAcl(session));
      const found = list.find(
        ({ type, ugid, path, roleid }) =>
          ugid === text(state, `${type}_id`) && path === state["path"] && roleid === state["role_id"],
      );
      if (found === undefined) return undefined;
      return { ...state, propagate: found.propagate === undefined || found.propagate === 1 };
    },
    update: async (planned, prior, session) => {
      await change("Unable to delete old ACL", prior, { delete: "1" }, session);
      await change("Unable to create ACL", planned, {}, session);
      return planned;
    },
    remove: (state, session) => change("Unable to delete old ACL", state, { delete: "1" }, session),
    importState: async (id) => parseAclId(id),
  });
}

function change(
  summary: string,
  values: ValueObject,
  how: Readonly<Record<string, string>>,
  session: ProviderSession,
): Promise<void> {
  const subjects = ["group", "token", "user"].flatMap((kind) => {
    const id = values[`${kind}_id`] ?? null;
    return id === null ? [] : [[`${kind}s`, String(id)] as const];
  });
  const parameters = {
    path: text(values, "path"),
    propagate: String(Number(values["propagate"] === true)),
    roles: text(values, "role_id"),
    ...Object.fromEntries(subjects),
    ...how,
  };
  return failing(summary, () => updateAcl(session, parameters));
}

function failing<Result>(summary: string, step: () => Promise<Result>): Promise<Result> {
  return failingAs(summary, () => inContext("API call failed", step));
}

function parseAclId(id: string): ValueObject {
  const [path = "", whose = "", role = ""] = id.split("?");
  if (id.split("?").length !== 3) {
    const format = "{path}?{group|user@realm|user@realm!token}?{role}";
    const detail = `failed to parse ID: invalid ACL resource ID format ${JSON.stringify(id)}, expected ${format}`;
    throw new ProviderFailure([{ severity: "ERROR", summary: "Unable to import ACL", detail }]);
  }
  const kind = whose.includes("!") ? "token_id" : whose.includes("@") ? "user_id" : "group_id";
  return { id, path, role_id: role, propagate: false, [kind]: whose };
}

function text(values: ValueObject, key: string): string {
  return String(values[key] ?? "");
}
