import { inContext } from "../api/api-error.ts";
import type { DataSourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import { frameworkDataSource } from "./framework-data-source.ts";

interface Version {
  readonly release: string;
  readonly repoid: string;
  readonly version: string;
}

/** proxmox_version: the server's version. */
export function versionDataSource(schema: TypeSchema): DataSourceType {
  return frameworkDataSource(schema, "Unable to Read Version", async (_config, { api, lifetime }) => {
    const data = await inContext("failed to get version information", () =>
      api.request("GET", "version", lifetime),
    );
    const { release, repoid, version } = data as Version;
    return { id: "version", release, repository_id: repoid, version };
  });
}
