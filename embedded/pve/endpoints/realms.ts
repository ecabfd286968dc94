import { failure } from "../http/api-error.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import { findSection, removeSection } from "../sections/section-file.ts";
import type { Section, SectionValues } from "../state/section.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

/** Directories that users can be read from. */
const directoryTypes = new Set(["ad", "ldap"]);

function checkNew(call: Call, realm: string): void {
  const type = text(call, "type");
  if (realm === "pam" || realm === "pve")
    throw failure(`add auth server failed: unable to use reserved name '${realm}'`);
  if (type === "pam" || type === "pve")
    throw failure(`add auth server failed: unable to create builtin type '${type}'`);
  if (call.parameters["check-connection"] !== undefined && !directoryTypes.has(type)) {
    throw failure(
      "add auth server failed: 'check-connection' parameter can only be set for realms of type 'ldap' or 'ad'",
    );
  }
}

/** Passwords lie in files of their own; a check of the connection is asked for, not kept. */
function withoutSecrets(settings: SectionValues): SectionValues {
  const { password: _password, "check-connection": _check, ...rest } = settings;
  return rest;
}

function prepare(call: Call, realm: string, settings: SectionValues, isNew: boolean): SectionValues {
  if (isNew) checkNew(call, realm);
  else if (Object.keys(settings).length === 0 && optionalText(call, "delete") === undefined)
    throw failure("update auth server failed: no options specified");
  return withoutSecrets(settings);
}

/** At most one realm is the default of the login box. */
function verify({ cluster }: Call, realm: Section, settings: Readonly<SectionValues>): void {
  if (settings["default"] !== 1) return;
  for (const other of cluster.datacenter.sections.realms) {
    if (other.id !== realm.id) delete other.values["default"];
  }
}

function summary(_call: Call, { id, type, values }: Section): Record<string, unknown> {
  const { comment, default: isDefault, tfa } = values;
  return {
    realm: id,
    type,
    ...(comment === undefined ? {} : { comment }),
    ...(isDefault === 1 ? { default: 1 } : {}),
    ...(tfa === undefined ? {} : { tfa: /type=(\w+)/.exec(String(tfa))?.[1] }),
  };
}

function remove({ cluster }: Call, realm: string): void {
  const { realms } = cluster.datacenter.sections;
  if (findSection(realms, realm) === undefined)
    throw failure(`delete auth server failed: authentication domain '${realm}' does not exist`);
  // The two built-in ones come back whenever the file is read.
  if (realm !== "pam" && realm !== "pve") removeSection(realms, realm);
}

const realms: SectionApi = {
  path: "/access/domains",
  idName: "realm",
  file: "realms",
  typeOf: (call) => text(call, "type"),
  words: {
    taken: (realm) => failure(`domain '${realm}' already exists`),
    unread: (realm) => failure(`domain '${realm}' does not exist`),
    missing: (realm) => failure(`domain '${realm}' does not exist`),
    createFailed: "add auth server failed: ",
    updateFailed: "update auth server failed: ",
  },
  prepare,
  verify,
  present: (_call, { type, values }, digest) => ({ ...values, type, digest }),
  presentInList: summary,
  deleteSettings: (values, names) => {
    for (const name of names) delete values[name];
  },
  remove,
};

export const realmEndpoints: EndpointTable = sectionEndpoints([realms]);
