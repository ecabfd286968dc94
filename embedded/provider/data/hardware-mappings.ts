import { inContext } from "../api/api-error.ts";
import { expectData } from "../api/expect-data.ts";
import { failingAs } from "../failing-as.ts";
import { oneOf } from "../framework/attribute-checks.ts";
import type { DataSourceType } from "../resource-type.ts";
import {
  hardwareMappingSummary,
  type MappingKind,
  mappingState,
} from "../resources/cluster/hardware-mapping.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { ValueObject } from "../wire/value.ts";
import { frameworkDataSource } from "./framework-data-source.ts";

interface ListedMapping {
  readonly id: string;
  readonly checks?: readonly Finding[];
  /** USB mappings call them so. */
  readonly errors?: readonly Finding[];
}

interface Finding {
  readonly message?: string;
  readonly severity?: string;
}

/** proxmox_hardware_mappings: the names of all mappings of a kind, and what is wrong with them on a node. */
export function hardwareMappingsDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(
    schema,
    "Unable to read hardware mappings",
    async (config, { api, lifetime }) => {
      const kind = String(config["type"]);
      const node = String(config["check_node"] ?? "");
      const list = await inContext("listing hardware mapping", () =>
        api.request("GET", `cluster/mapping/${kind}`, lifetime, node === "" ? {} : { "check-node": node }),
      );
      const mappings = expectData(list) as readonly ListedMapping[];
      const checks = mappings
        .flatMap((mapping) => findingsOf(kind, mapping))
        .toSorted((one, other) => compare(String(one["mapping_id"]), String(other["mapping_id"])));
      return {
        id: "hardware_mappings",
        ids: mappings.map(({ id }) => id),
        checks: checks.length === 0 ? null : checks,
      };
    },
    { type: { checks: [oneOf("dir", "pci", "usb")] } },
  );
}

/** proxmox_hardware_mapping_{dir,pci,usb}: one mapping. */
export function hardwareMappingDataSource(kind: MappingKind): (schema: TypeSchema) => DataSourceType {
  return (schema) =>
    frameworkDataSource(schema, "", async (config, { api, lifetime }) => {
      const name = String(config["name"]);
      const quoted = JSON.stringify(name);
      return failingAs(`Unable to read ${hardwareMappingSummary(kind)} ${quoted}`, async () => {
        const data = await inContext(`reading hardware mapping ${quoted}`, () =>
          api.request("GET", `cluster/mapping/${kind}/${encodeURIComponent(name)}`, lifetime),
        );
        return mappingState(kind, expectData(data), { id: name });
      });
    });
}

function findingsOf(kind: string, { id, checks, errors }: ListedMapping): readonly ValueObject[] {
  return ((kind === "usb" ? errors : checks) ?? []).map(({ message, severity }) => ({
    mapping_id: id,
    message: (message ?? "").replace(/\n$/, ""),
    severity: severity ?? null,
  }));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
