import type { Cluster } from "../state/cluster.ts";
import type { EndpointTable } from "./endpoint.ts";

/** Proxmox VE's release with a mark of ours: build metadata, so that version comparisons still work. */
export const versionInfo = {
  release: "9.2",
  repoid: "nixherd-embedded",
  version: "9.2.11+nixherd.embedded",
} as const;

/** Name of the first node, the one that answers. */
export function localNode(cluster: Cluster): string {
  return [...cluster.nodes.keys()][0] ?? "";
}

export const versionEndpoints: EndpointTable = {
  "GET /version": () => versionInfo,
  "GET /nodes/{node}/version": () => versionInfo,
};
