import { inContext } from "../../api/api-error.ts";
import { getStorageSettings } from "../../api/storage-settings.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { Diagnostic } from "../../wire/diagnostic.ts";

interface NodeNetwork {
  readonly address?: string;
  readonly gateway?: string;
  readonly address6?: string;
  readonly gateway6?: string;
  readonly priority?: number;
}

/**
 * Content that the API does not take goes over SSH to the node. An embedded node has no SSH server: this makes the
 * calls that lead there and fails as the real provider does at a node whose SSH port is closed. Nothing is dialled.
 */
export async function refuseNodeUpload(
  node: string,
  datastore: string,
  content: string,
  session: ProviderSession,
  warn: (diagnostic: Diagnostic) => void,
): Promise<never> {
  const settings = await inContext("failed to get datastore", () =>
    getStorageSettings(session.api, datastore, session.lifetime),
  );
  if ((settings.path ?? "") === "") throw new Error("failed to determine the datastore path");
  const contents = (settings.content ?? "").split(",").sort();
  if (!contents.includes(content)) {
    const summary = `the datastore "${datastore}" does not support content type "${content}"; supported content types are: [${contents.join(" ")}]`;
    warn({ severity: "WARNING", summary });
  }
  const host = session.ssh.hosts[node] ?? `${await addressOf(node, session)}:22`;
  const user = JSON.stringify(session.ssh.username);
  const advice =
    "Please verify that ssh-agent is correctly loaded with an authorized key via 'ssh-add -L' (NOTE: configurations in ~/.ssh/config are not considered by the provider)";
  const cause = `failed to dial ${host}: dial tcp ${host}: connect: connection refused`;
  throw new Error(
    `failed to open SSH client: unable to authenticate user ${user} over SSH to "${host}". ${advice}: ${cause}`,
  );
}

async function addressOf(node: string, { api, lifetime }: ProviderSession): Promise<string> {
  const list = (await inContext(
    `failed to find node endpoint: failed to list network devices of node "${node}": failed to get network interfaces for node "${node}"`,
    () => api.request("GET", `nodes/${encodeURIComponent(node)}/network`, lifetime),
  )) as readonly NodeNetwork[];
  const devices = list.toSorted((one, other) => (one.priority ?? 0) - (other.priority ?? 0));
  const found =
    devices.find(({ gateway, address }) => gateway !== undefined && address !== undefined)?.address ??
    devices.find(({ gateway6, address6 }) => gateway6 !== undefined && address6 !== undefined)?.address6 ??
    devices.find(({ address }) => address !== undefined)?.address;
  if (found === undefined) {
    throw new Error(`failed to find node endpoint: failed to determine the IP address of node "${node}"`);
  }
  const [address = ""] = found.split("/");
  return address.includes(":") ? `[${address}]` : address;
}
