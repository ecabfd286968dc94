import { inContext } from "../api/api-error.ts";
import { readHosts } from "../api/hosts.ts";
import { legacyResource, type Operation } from "../legacy/legacy-resource.ts";
import type { ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";

/** proxmox_virtual_environment_hosts: the whole hosts file of one node; destroying leaves it. */
export function hostsResource(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours: {},
    create: async (data, session, warn) => {
      await writeHosts(data, session, warn);
      data.id = `${data.now.text("node_name")}_hosts`;
    },
    read: readAll,
    update: writeHosts,
    remove: async () => undefined,
    parseImportId: (id) => ({ id: `${id}_hosts`, node_name: id }),
  });
}

const writeHosts: Operation = async (data, session, warn) => {
  const lines = data.now
    .blocks("entry")
    .map((entry) => `${[entry.text("address"), ...entry.texts("hostnames")].join(" ")}\n`);
  const path = `nodes/${encodeURIComponent(data.now.text("node_name"))}/hosts`;
  await inContext("error updating hosts configuration", () =>
    session.api.request("POST", path, session.lifetime, { data: lines.join("") }),
  );
  await readAll(data, session, warn);
};

const readAll: Operation = async (data, { api, lifetime }) => {
  const { digest, entries } = await readHosts(api, data.now.text("node_name"), lifetime);
  data.set("digest", digest);
  data.set("entries", entries);
  data.set("entry", entries);
  data.set(
    "addresses",
    entries.map(({ address }) => address ?? null),
  );
  data.set(
    "hostnames",
    entries.map(({ hostnames }) => hostnames ?? null),
  );
};
