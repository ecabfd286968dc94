import type { ValueObject } from "../wire/value.ts";
import type { ApiClient } from "./api-client.ts";
import { inContext } from "./api-error.ts";
import type { Deadline } from "./deadline.ts";
import { expectData } from "./expect-data.ts";

/** A node's hosts file: its digest, and an address with its names for every line. */
export interface HostsFile {
  readonly digest: string;
  readonly entries: readonly ValueObject[];
}

/** Reads the hosts file of a node. */
export async function readHosts(api: ApiClient, node: string, deadline: Deadline): Promise<HostsFile> {
  const found = await inContext("error retrieving hosts configuration", () =>
    api.request("GET", `nodes/${encodeURIComponent(node)}/hosts`, deadline),
  );
  const { data, digest = "" } = expectData(found) as { readonly data: string; readonly digest?: string };
  return { digest, entries: data.split("\n").flatMap(parseLine) };
}

function parseLine(line: string): readonly ValueObject[] {
  const [address = "", ...names] = line.split(/[ \t]/);
  if (line.startsWith("#") || address === "") return [];
  return [{ address, hostnames: names.filter((name) => name !== "") }];
}
