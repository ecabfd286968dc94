import { hasPrivilege } from "../access/permissions.ts";
import { failure } from "../http/api-error.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import type { Section, SectionFiles, SectionValues } from "../state/section.ts";
import { type Call, type EndpointTable, optionalText } from "./endpoint.ts";
import { checkMapping, mapLines } from "./mapping-checks.ts";

/** What differs between the kinds of mappings. */
interface MappingKind {
  readonly type: "pci" | "usb" | "dir";
  readonly file: keyof SectionFiles;
  /** What the API calls a mapping of the kind where changing it fails. */
  readonly name: string;
  /** Where a list puts its diagnoses. */
  readonly diagnoses: "checks" | "errors";
}

const kinds: readonly MappingKind[] = [
  { type: "pci", file: "pciMappings", name: "hardware", diagnoses: "checks" },
  { type: "usb", file: "usbMappings", name: "hardware", diagnoses: "errors" },
  { type: "dir", file: "dirMappings", name: "directory", diagnoses: "checks" },
];

const privileges = ["Mapping.Modify", "Mapping.Use", "Mapping.Audit"];

/** A directory is shared from one path per node. */
function checkOncePerNode(settings: SectionValues): void {
  const nodes = mapLines({ values: settings }).map((line) => line["node"]);
  const twice = nodes.find((node, index) => nodes.indexOf(node) !== index);
  if (twice === undefined) return;
  throw failure(`Node '${twice}' is specified ${nodes.filter((node) => node === twice).length} times.`);
}

/** An update must bring the map again, even where it changes nothing in it. */
function verify(_call: Call, _section: Section, settings: Readonly<SectionValues>): void {
  if (settings["map"] === undefined) throw failure("missing value for required option 'map'");
}

function mappingApi({ type, file, name, diagnoses }: MappingKind): SectionApi {
  const present = (_call: Call, { values }: Section, digest: string) => ({ ...values, type, digest });
  return {
    path: `/cluster/mapping/${type}`,
    idName: "id",
    file,
    typeOf: () => type,
    words: {
      taken: (id) => failure(`${type} ID '${id}' already defined`),
      unread: (id) => failure(`mapping '${id}' not found`),
      missing: (id) => failure(`${type} ID '${id}' does not exist`),
      createFailed: `create ${name} mapping failed: `,
      updateFailed: `update ${name} mapping failed: `,
    },
    prepare: (_call, _id, settings) => {
      if (type === "dir") checkOncePerNode(settings);
      return settings;
    },
    verify,
    present,
    presentInList: (call, section, digest) => {
      const node = optionalText(call, "check-node");
      return {
        ...present(call, section, digest),
        id: section.id,
        ...(node === undefined ? {} : { [diagnoses]: checkMapping(section, node) }),
      };
    },
    isVisible: ({ cluster, caller }, { id }) =>
      hasPrivilege(cluster, caller, `/mapping/${type}/${id}`, ...privileges),
  };
}

export const mappingEndpoints: EndpointTable = {
  ...sectionEndpoints(kinds.map(mappingApi)),
  "GET /cluster/mapping": () => kinds.map(({ type }) => ({ name: type })),
};
