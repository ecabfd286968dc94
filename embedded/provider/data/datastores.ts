import type { Parameters } from "../api/api-client.ts";
import { inContext } from "../api/api-error.ts";
import { objectSection } from "../legacy/section.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { Value, ValueObject } from "../wire/value.ts";
import { frameworkDataSource } from "./framework-data-source.ts";

interface ListedDatastore {
  readonly storage: string;
  readonly type: string;
  readonly content?: string;
  readonly active?: number;
  readonly enabled?: number;
  readonly shared?: number;
  readonly avail?: number;
  readonly total?: number;
  readonly used?: number;
  readonly used_fraction?: number;
}

/** proxmox_datastores: the datastores of one node, filtered by the server. */
export function datastoresDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(schema, "Unable to read datastores", async (config, { api, lifetime }) => {
    const node = objectSection(config).text("node_name");
    const path = `nodes/${encodeURIComponent(node)}/storage`;
    const data = await inContext("error retrieving datastores", () =>
      api.request("GET", path, lifetime, filterParameters(config["filters"] ?? null)),
    );
    const list = (data as readonly ListedDatastore[]).toSorted((a, b) => (a.storage < b.storage ? -1 : 1));
    return { datastores: list.map((entry) => datastoreValues(entry, node)) };
  });
}

function filterParameters(filters: Value): Parameters {
  const section = objectSection(filters);
  const given = {
    content: section.texts("content_types").join(","),
    storage: section.text("id"),
    target: section.text("target"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
}

function datastoreValues(entry: ListedDatastore, node: string): ValueObject {
  return {
    id: entry.storage,
    node_name: node,
    type: entry.type,
    content_types: (entry.content ?? "")
      .split(",")
      .filter((type) => type !== "")
      .sort(),
    active: flag(entry.active),
    enabled: flag(entry.enabled),
    shared: flag(entry.shared),
    space_available: entry.avail ?? null,
    space_total: entry.total ?? null,
    space_used: entry.used ?? null,
    space_used_fraction: entry.used_fraction ?? null,
  };
}

function flag(value: number | undefined): Value {
  return value === undefined ? null : value === 1;
}
