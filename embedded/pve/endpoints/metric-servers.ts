import { failure } from "../http/api-error.ts";
import type { SectionApi } from "../sections/section-api.ts";
import { sectionEndpoints } from "../sections/section-endpoints.ts";
import { type EndpointTable, text } from "./endpoint.ts";

/** Where a cluster would send its figures to; the embedded one keeps the settings and sends nothing. */
const metricServers: SectionApi = {
  path: "/cluster/metrics/server",
  createPath: "/cluster/metrics/server/{id}",
  idName: "id",
  file: "metricServers",
  typeOf: (call) => text(call, "type"),
  words: {
    taken: (id) => failure(`Metric server '${id}' already exists`),
    unread: (id) => failure(`status server entry '${id}' does not exist`),
    missing: (id) => failure(`no such server '${id}'`),
  },
  prepare: (_call, _id, { token: _token, ...settings }) => settings,
  present: (_call, { type, values }) => ({ ...values, type }),
  presentInList: (_call, { id, type, values: { server, port, disable = 0 } }) => ({
    id,
    type,
    server,
    port,
    disable,
  }),
};

export const metricServerEndpoints: EndpointTable = sectionEndpoints([metricServers]);
