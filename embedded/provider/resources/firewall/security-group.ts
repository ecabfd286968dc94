import { inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { createRules, deleteRules, readRules, updateRules } from "./change-rules.ts";
import { createRuleApi, type RuleApi } from "./rule-api.ts";
import { ruleBehaviours } from "./rule-values.ts";

const groups = "cluster/firewall/groups";

/** proxmox_virtual_environment_cluster_firewall_security_group: a named list of rules for many firewalls. */
export function securityGroup(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: { comment: { default: "" }, ...ruleBehaviours },
    create: createGroup,
    read: readGroup,
    update: updateGroup,
    remove: deleteGroup,
    parseImportId: (id) => ({ id }),
  });
}

const createGroup: Operation = async (data, session, warn) => {
  const name = data.now.text("name");
  const parameters = { group: name, comment: data.now.text("comment") };
  try {
    await inContext("error creating security group", () =>
      session.api.request("POST", groups, session.lifetime, parameters),
    );
  } catch (error) {
    // A group that is there already is taken over; the next plan shows what differs.
    if (!hasText(error, "the requested resource already exists")) throw error;
    data.id = name;
    return readGroup(data, session, warn);
  }
  data.id = name;
  const rules = rulesOf(name, session);
  await createRules(rules, data.now.blocks("rule"));
  // The real provider reads the rules twice: once as rules, once as a group.
  data.set("rule", await readRules(rules));
  return readGroup(data, session, warn);
};

const readGroup: Operation = async (data, session) => {
  const list = (await inContext("error retrieving security groups", () =>
    session.api.request("GET", groups, session.lifetime),
  )) as readonly { readonly group: string; readonly comment?: string }[];
  const found = list.find(({ group }) => group === data.id);
  if (found === undefined) {
    data.id = "";
    return;
  }
  data.set("name", found.group);
  data.set("comment", found.comment ?? "");
  data.set("rule", await readRules(rulesOf(data.id, session)));
};

const updateGroup: Operation = async (data, session, warn) => {
  const name = data.now.text("name");
  const parameters = { group: name, rename: data.id, comment: data.now.text("comment") };
  await inContext("error updating security group", () =>
    session.api.request("POST", groups, session.lifetime, parameters),
  );
  const rules = rulesOf(data.id, session);
  await updateRules(rules, data.before.blocks("rule"), data.now.blocks("rule"));
  data.set("rule", await readRules(rules));
  data.id = name;
  await readGroup(data, session, warn);
};

const deleteGroup: Operation = async ({ id, now }, session) => {
  await deleteRules(rulesOf(id, session), now.blocks("rule"));
  try {
    await inContext(`error deleting security group '${id}'`, () =>
      session.api.request("DELETE", `${groups}/${escapeSegment(id)}`, session.lifetime),
    );
  } catch (error) {
    if (!hasText(error, "no such security group")) throw error;
  }
};

function rulesOf(group: string, session: ProviderSession): RuleApi {
  return createRuleApi(`${groups}/${group}`, session);
}

function hasText(error: unknown, text: string): boolean {
  return error instanceof Error && error.message.includes(text);
}
