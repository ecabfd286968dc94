import { createHash } from "node:crypto";
import type { Call, EndpointTable } from "./endpoint.ts";
import { vmOf } from "./vm-call.ts";

/** Digest of an empty firewall configuration. */
const emptyDigest = createHash("sha1").digest("hex");

function vmOptions(call: Call): Record<string, unknown> {
  vmOf(call);
  return { digest: emptyDigest };
}

function vmRules(call: Call): unknown[] {
  vmOf(call);
  return [];
}

/** The embedded server has no firewall; readers find it unconfigured. */
export const firewallEndpoints: EndpointTable = {
  "GET /cluster/firewall/options": () => ({ digest: emptyDigest }),
  "GET /nodes/{node}/qemu/{vmid}/firewall/options": vmOptions,
  "GET /nodes/{node}/qemu/{vmid}/firewall/rules": vmRules,
};
