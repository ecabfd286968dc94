import { apiSchema } from "../check/schema.ts";
import { splitList } from "../check/split-list.ts";
import { listDigest } from "../firewall/digest.ts";
import type { FirewallScope } from "../firewall/scopes.ts";
import { badParameters } from "../http/api-error.ts";
import { checkUnchanged } from "../sections/section-file.ts";
import { type Call, type EndpointTable, optionalText } from "./endpoint.ts";

const controls = new Set(["delete", "digest", "node", "vmid"]);

/** Names of a configuration's options, by the schema of the call that sets them. */
function optionNames(path: string): ReadonlySet<string> {
  const parameters = Object.keys(apiSchema.get(path)?.get("PUT")?.parameters ?? {});
  return new Set(parameters.filter((name) => !controls.has(name)));
}

/** Switching the whole cluster's firewall on for a trial is a number above 1, kept as the time of the call. */
function keptValue(call: Call, name: string, value: string | number): string | number {
  if (name !== "enable") return value;
  return Number(value) > 1 ? call.cluster.clock.nowSeconds() : Number(value);
}

function read({ configOf }: FirewallScope, call: Call): Record<string, unknown> {
  const { options } = configOf(call);
  return { ...options, digest: listDigest([options]) };
}

function update({ path, configOf }: FirewallScope, call: Call): null {
  const { options } = configOf(call);
  const names = optionNames(`${path}/options`);
  checkUnchanged(listDigest([options]), optionalText(call, "digest"));
  for (const name of splitList(call.parameters["delete"])) {
    if (!names.has(name)) throw badParameters({ delete: `no such option '${name}'` });
    delete options[name];
  }
  for (const name of names) {
    const value = call.parameters[name];
    if (value !== undefined) options[name] = keptValue(call, name, value);
  }
  return null;
}

/** The calls on a configuration's options. */
export function firewallOptionEndpoints(scope: FirewallScope): EndpointTable {
  const path = `${scope.path}/options`;
  return {
    [`GET ${path}`]: (call) => read(scope, call),
    [`PUT ${path}`]: (call) => update(scope, call),
  };
}
