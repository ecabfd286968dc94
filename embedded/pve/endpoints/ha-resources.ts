import { noteHaChange } from "../ha/ha-rounds.ts";
import { haServiceOf, isInError } from "../ha/managed-resources.ts";
import { moveResource } from "../ha/move-resource.ts";
import { removeHaResource } from "../ha/remove-resource.ts";
import { parseSid } from "../ha/resource-id.ts";
import { failure } from "../http/api-error.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import { findSection } from "../sections/section-file.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Section, SectionValues } from "../state/section.ts";
import { type Call, type Endpoint, type EndpointTable, optionalText, text } from "./endpoint.ts";

const path = "/cluster/ha/resources";

function idOf(call: Call): string {
  return parseSid(call.cluster, text(call, "sid")).sid;
}

/** @throws ApiError 500 for ids of no guest, or of a guest of another kind. */
function checkGuestExists(cluster: Cluster, sid: string): void {
  const { type, vmid } = parseSid(cluster, sid);
  if (type !== "vm" && type !== "ct") throw failure(`unknown section type '${type}'`);
  if (!/^[1-9]\d+$/.test(String(vmid))) throw failure("invalid VMID");
  if (!cluster.vms.has(vmid)) throw failure(`resource '${sid}' does not exist in cluster`);
  if (type === "ct") throw failure(`resource '${sid}' - guest with ID ${vmid} is not a container`);
}

/** @throws ApiError 500 for a resource that the manager gave up, unless it is being disabled. */
function checkNotInError(cluster: Cluster, sid: string, wanted: string | undefined): void {
  const resource = findSection(cluster.datacenter.sections.haResources, sid);
  const service = haServiceOf(cluster, sid);
  if (resource === undefined || service === undefined || !isInError(service, resource)) return;
  if (wanted === "disabled") return;
  throw failure(`service '${sid}' in error state, must be disabled and fixed first`);
}

function prepare(call: Call, sid: string, settings: SectionValues, isNew: boolean): SectionValues {
  const type = optionalText(call, "type");
  if (type !== undefined && type !== parseSid(call.cluster, sid).type) throw failure("types does not match");
  if (settings["group"] !== undefined)
    throw failure("invalid parameter 'group': ha groups have been migrated to rules");
  if (isNew) checkGuestExists(call.cluster, sid);
  else checkNotInError(call.cluster, sid, optionalText(call, "state"));
  return settings;
}

function isOfType(call: Call, { type }: Section): boolean {
  const wanted = optionalText(call, "type");
  return wanted === undefined || wanted === type;
}

function move(isRelocated: boolean): Endpoint {
  return (call) => {
    const sid = idOf(call);
    checkNotInError(call.cluster, sid, undefined);
    return moveResource(call.cluster, sid, text(call, "node"), isRelocated);
  };
}

const resources: SectionApi = {
  path,
  idName: "sid",
  file: "haResources",
  idOf,
  typeOf: ({ cluster }, sid) => parseSid(cluster, sid).type,
  words: {
    taken: (sid) => failure(`resource ID '${sid}' already defined`),
    unread: (sid) => failure(`no such resource '${sid}'`),
    missing: (sid) => failure(`no such resource '${sid}'`),
    createFailed: "create resource failed: ",
    updateFailed: "update resources config failed: ",
  },
  prepare,
  present: (_call, { id, type, values }, digest) => ({ ...values, sid: id, type, digest }),
  isVisible: isOfType,
  remove: (call, sid) => {
    if (findSection(call.cluster.datacenter.sections.haResources, sid) === undefined)
      throw failure(`cannot delete service '${sid}', not HA managed!`);
    removeHaResource(call.cluster, sid, call.parameters["purge"] !== 0);
  },
  changed: ({ cluster }) => noteHaChange(cluster),
};

export const haResourceEndpoints: EndpointTable = {
  ...sectionEndpoints([resources]),
  [`POST ${path}/{sid}/migrate`]: move(false),
  [`POST ${path}/{sid}/relocate`]: move(true),
};
