import { inContext } from "../../api/api-error.ts";
import { escapeSegment } from "../../api/tasks.ts";
import { ProviderFailure } from "../../failure.ts";
import type { Behaviours } from "../../legacy/field.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { Section } from "../../legacy/section.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import { type Diagnostic, errorDiagnostic } from "../../wire/diagnostic.ts";
import { isSameListByKey } from "../vm/ignored-changes.ts";
import { firewallPath, parseMachineScope, scopeBehaviours } from "./firewall-scope.ts";

/** An entry as the server lists it. */
interface ListedEntry {
  readonly cidr: string;
  readonly comment?: string;
  readonly nomatch?: unknown;
}

const behaviours: Behaviours = {
  comment: { default: "" },
  cidr: { replaces: true, ignoresListChange: isSameListByKey("name") },
  "cidr.name": { replaces: true },
  "cidr.nomatch": { default: false, replaces: true },
  "cidr.comment": { default: "", replaces: true },
  ...scopeBehaviours,
};

/** proxmox_virtual_environment_firewall_ipset: a named set of addresses; other addresses make another set. */
export function firewallIpset(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours,
    create: createIpset,
    read: readIpset,
    update: updateIpset,
    remove: deleteIpset,
    parseImportId: (id) => {
      if (id.startsWith("cluster/")) {
        const name = id.slice("cluster/".length);
        return { id: name, name };
      }
      const imported = parseMachineScope(id, "/<ipset_name>", false);
      if (imported === undefined) {
        const expected =
          "'cluster/<ipset_name>', 'vm/<node_name>/<vm_id>/<ipset_name>', or 'container/<node_name>/<container_id>/<ipset_name>'";
        throw new Error(`invalid import ID: ${id} (expected: ${expected})`);
      }
      return { ...imported.scope, id: imported.name, name: imported.name };
    },
  });
}

const createIpset: Operation = async (data, session, warn) => {
  const { now } = data;
  const name = now.text("name");
  const comment = now.text("comment");
  const parameters = { name, ...(comment === "" ? {} : { comment }) };
  try {
    await inContext("error creating IPSet", () =>
      session.api.request("POST", `${firewallPath(now)}/ipset`, session.lifetime, parameters),
    );
  } catch (error) {
    // A set that is there already is taken over; the next plan shows what differs.
    if (!isAlreadyThere(error)) throw error;
    data.id = name;
    return readIpset(data, session, warn);
  }
  data.id = name;
  for (const entry of now.blocks("cidr")) {
    await inContext("error adding CIDR to IPSet", () =>
      session.api.request("POST", setPath(now, name), session.lifetime, entryParameters(entry)),
    );
  }
  return readIpset(data, session, warn);
};

const readIpset: Operation = async (data, { api, lifetime }) => {
  const list = (await inContext("error getting IPSet list", () =>
    api.request("GET", `${firewallPath(data.now)}/ipset`, lifetime),
  )) as readonly { readonly name: string; readonly comment?: string }[];
  const listed = list.find(({ name }) => name === data.id);
  if (listed !== undefined) {
    data.set("name", listed.name);
    data.set("comment", listed.comment ?? "");
  }
  try {
    const entries = (await inContext("error getting IPSet content", () =>
      api.request("GET", setPath(data.now, data.id), lifetime),
    )) as readonly ListedEntry[];
    data.set(
      "cidr",
      entries.map(({ cidr, comment, nomatch }) => ({
        name: cidr,
        comment: comment ?? "",
        nomatch: nomatch === 1 || nomatch === true,
      })),
    );
  } catch (error) {
    if (!isNoSuchSet(error)) throw error;
    data.id = "";
  }
};

const updateIpset: Operation = async (data, session, warn) => {
  const { now } = data;
  const parameters = { rename: data.id, name: now.text("name"), comment: now.text("comment") };
  await inContext("error updating IPSet", () =>
    session.api.request("POST", `${firewallPath(now)}/ipset`, session.lifetime, parameters),
  );
  data.id = now.text("name");
  await readIpset(data, session, warn);
};

const deleteIpset: Operation = async ({ id, now }, { api, lifetime }) => {
  const entries = (await inContext("error getting IPSet content", () =>
    api.request("GET", setPath(now, id), lifetime),
  )) as readonly ListedEntry[];
  const problems: Diagnostic[] = [];
  for (const { cidr } of entries) {
    try {
      await inContext(`error deleting IPSet content ${id}`, () =>
        api.request("DELETE", `${setPath(now, id)}/${escapeSegment(cidr)}`, lifetime),
      );
    } catch (error) {
      problems.push(errorDiagnostic(error instanceof Error ? error.message : String(error)));
    }
  }
  if (problems.length > 0) throw new ProviderFailure(problems);
  try {
    await inContext(`error deleting IPSet ${id}`, () => api.request("DELETE", setPath(now, id), lifetime));
  } catch (error) {
    if (!isNoSuchSet(error)) throw error;
  }
};

function entryParameters(entry: Section): Readonly<Record<string, string>> {
  const comment = entry.text("comment");
  return {
    cidr: entry.text("name"),
    ...(comment === "" ? {} : { comment }),
    ...(entry.flag("nomatch") ? { nomatch: "1" } : {}),
  };
}

function setPath(values: Section, name: string): string {
  return `${firewallPath(values)}/ipset/${escapeSegment(name)}`;
}

function isNoSuchSet(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no such IPSet");
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && error.message.includes("the requested resource already exists");
}
