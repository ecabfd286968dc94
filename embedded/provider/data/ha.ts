import { inContext } from "../api/api-error.ts";
import { expectData } from "../api/expect-data.ts";
import { escapeSegment } from "../api/tasks.ts";
import { failingAs } from "../failing-as.ts";
import { oneOf, readable } from "../framework/attribute-checks.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { DataSourceType } from "../resource-type.ts";
import { haGroupAttributes } from "../resources/cluster/ha-group.ts";
import { isHaId } from "../resources/cluster/ha-id.ts";
import { haResourceState } from "../resources/cluster/ha-resource.ts";
import type { TypeSchema } from "../schema/schema.ts";
import { frameworkDataSource } from "./framework-data-source.ts";

/** proxmox_haresource: one machine under high availability. */
export function haResourceDataSource(schema: TypeSchema): DataSourceType {
  const rules = {
    resource_id: { checks: [readable(isHaId, "value must be a valid HA resource identifier")] },
  };
  const read = async (name: string, { api, lifetime }: ProviderSession): Promise<unknown> =>
    expectData(
      await inContext("error reading HA resource", () =>
        api.request("GET", `cluster/ha/resources/${escapeSegment(name)}`, lifetime),
      ),
    );
  return frameworkDataSource(
    schema,
    "",
    async (config, session) => {
      const name = String(config["resource_id"]);
      return failingAs(`Unable to read High Availability resource ${name}`, async () =>
        haResourceState(await read(name, session)),
      );
    },
    rules,
  );
}

/** proxmox_haresources: the ids of what is under high availability: virtual machines unless containers are asked for. */
export function haResourcesDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(
    schema,
    "Unable to read High Availability resources",
    async ({ type = null }, { api, lifetime }) => {
      // Without a kind the real provider means all, but asks for machines.
      const asked = { type: String(type ?? "vm") };
      const list = await inContext("error listing HA resources", () =>
        api.request("GET", "cluster/ha/resources/", lifetime, asked),
      );
      const ids = (expectData(list) as readonly { readonly sid: string }[]).map(({ sid }) => sid);
      return { id: type === null ? "haresources" : `haresources:${String(type)}`, resource_ids: ids };
    },
    { type: { checks: [oneOf("ct", "vm")] } },
  );
}

/** proxmox_hagroup: one group of nodes, on servers before 9.0. */
export function haGroupDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(schema, "", async (config, { api, lifetime }) => {
    const group = String(config["group"]);
    return failingAs(`Unable to read High Availability group '${group}'`, async () => {
      const data = await inContext("error reading HA group", () =>
        api.request("GET", `cluster/ha/groups/${escapeSegment(group)}`, lifetime),
      );
      return { id: group, ...haGroupAttributes(expectData(data)) };
    });
  });
}

/** proxmox_hagroups: the names of all groups of nodes. */
export function haGroupsDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(
    schema,
    "Unable to read High Availability groups",
    async (_config, { api, lifetime }) => {
      const list = await inContext("error listing HA groups", () =>
        api.request("GET", "cluster/ha/groups/", lifetime),
      );
      const names = (expectData(list) as readonly { readonly group: string }[]).map(({ group }) => group);
      return { id: "hagroups", group_ids: names };
    },
  );
}
