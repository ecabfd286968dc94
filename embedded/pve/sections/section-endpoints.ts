import { splitList } from "../check/split-list.ts";
import { type Call, type Endpoint, type EndpointTable, optionalText, text } from "../endpoints/endpoint.ts";
import { failure } from "../http/api-error.ts";
import type { Section, SectionValues } from "../state/section.ts";
import type { SectionApi } from "./section-api.ts";
import {
  checkUnchanged,
  deleteOptions,
  fileDigest,
  findSection,
  removeSection,
  type SectionOptions,
} from "./section-file.ts";
import { optionsOf, settingsOf } from "./section-options.ts";
import { stringify } from "./stringify-error.ts";

function fileOf(api: SectionApi, { cluster }: Call): Section[] {
  return cluster.datacenter.sections[api.file];
}

function digestOf(api: SectionApi, call: Call): string {
  return fileDigest(fileOf(api, call), (type) => optionsOf(api, type));
}

function idOf(api: SectionApi, call: Call): string {
  return api.idOf?.(call) ?? text(call, api.idName);
}

/** What goes wrong while a file is changed is told after a few words of the call's own. */
function whileChanging(prefix: string | undefined, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw prefix === undefined ? error : failure(`${prefix}${stringify(error)}`);
  }
}

function list(api: SectionApi): Endpoint {
  return (call) => {
    const digest = digestOf(api, call);
    return fileOf(api, call)
      .filter((section) => api.isVisible?.(call, section) ?? true)
      .map((section) => (api.presentInList ?? api.present)(call, section, digest));
  };
}

function read(api: SectionApi): Endpoint {
  return (call) => {
    const id = idOf(api, call);
    const section = findSection(fileOf(api, call), id);
    if (section === undefined) throw api.words.unread(id);
    api.checkRight?.(call, id, "read");
    return api.present(call, section, digestOf(api, call));
  };
}

function create(api: SectionApi): Endpoint {
  return (call) => {
    const id = idOf(api, call);
    const type = api.typeOf(call, id);
    api.checkRight?.(call, id, "change");
    const settings = settingsOf(api, call, type);
    const values = api.prepare?.(call, id, settings, true) ?? settings;
    whileChanging(api.words.createFailed, () => {
      if (findSection(fileOf(api, call), id) !== undefined) throw api.words.taken(id);
      const section = { id, type, values };
      api.verify?.(call, section, values, true);
      fileOf(api, call).push(section);
    });
    api.changed?.(call);
    return null;
  };
}

function checkKnown(options: SectionOptions, settings: Readonly<SectionValues>): void {
  const unexpected = Object.keys(settings).find((name) => !options.has(name));
  if (unexpected !== undefined) throw failure(`unexpected property '${unexpected}'`);
}

/** The section as it will be: without what is deleted, with what is set. */
function changeSection(api: SectionApi, call: Call, before: Section, settings: SectionValues): Section {
  const options = optionsOf(api, before.type);
  checkKnown(options, settings);
  const values = { ...before.values };
  const names = splitList(call.parameters["delete"]);
  if (api.deleteSettings === undefined) deleteOptions(values, names, options, settings);
  else api.deleteSettings(values, names);
  return { ...before, values: { ...values, ...settings } };
}

function update(api: SectionApi): Endpoint {
  return (call) => {
    const id = idOf(api, call);
    api.checkRight?.(call, id, "change");
    const before = findSection(fileOf(api, call), id);
    const sent = settingsOf(api, call, before?.type ?? api.typeOf(call, id));
    const settings = api.prepare?.(call, id, sent, false) ?? sent;
    whileChanging(api.words.updateFailed, () => {
      checkUnchanged(digestOf(api, call), optionalText(call, "digest"));
      if (before === undefined) throw api.words.missing(id);
      const after = changeSection(api, call, before, settings);
      api.verify?.(call, after, settings, false);
      const file = fileOf(api, call);
      file[file.indexOf(before)] = after;
    });
    api.changed?.(call);
    return null;
  };
}

function remove(api: SectionApi): Endpoint {
  return (call) => {
    const id = idOf(api, call);
    api.checkRight?.(call, id, "change");
    if (api.remove === undefined) removeSection(fileOf(api, call), id);
    else api.remove(call, id);
    api.changed?.(call);
    return null;
  };
}

function endpointsOf(api: SectionApi): EndpointTable {
  const single = `${api.path}/{${api.idName}}`;
  const settled =
    (endpoint: Endpoint): Endpoint =>
    (call) => {
      api.settle?.(call);
      return endpoint(call);
    };
  return {
    [`GET ${api.path}`]: settled(list(api)),
    [`POST ${api.createPath ?? api.path}`]: settled(create(api)),
    [`GET ${single}`]: settled(read(api)),
    [`PUT ${single}`]: settled(update(api)),
    [`DELETE ${single}`]: settled(remove(api)),
  };
}

/** The five calls of each kind of section: list, create, read, update, delete. */
export function sectionEndpoints(apis: readonly SectionApi[]): EndpointTable {
  return Object.assign({}, ...apis.map(endpointsOf));
}
