import { inContext } from "../../api/api-error.ts";
import { expectData } from "../../api/expect-data.ts";
import type { Behaviours } from "../../legacy/field.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { ValueObject } from "../../wire/value.ts";
import { matching, oneOf } from "../vm/checks.ts";
import { policy } from "./firewall-options.ts";

const path = "cluster/firewall/options";

const behaviours: Behaviours = {
  input_policy: { default: "DROP", check: policy },
  output_policy: { default: "ACCEPT", check: policy },
  forward_policy: { default: "ACCEPT", check: oneOf("ACCEPT", "DROP") },
  "log_ratelimit.enabled": { default: true },
  "log_ratelimit.burst": { default: 5 },
  "log_ratelimit.rate": {
    default: "1/second",
    check: matching(
      /[1-9][0-9]*\/(second|minute|hour|day)/,
      "Must be a valid rate expression, e.g. '1/second'",
    ),
  },
};

/** proxmox_virtual_environment_cluster_firewall: the cluster's firewall options; destroying leaves them. */
export function clusterFirewall(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours,
    create: setOptions,
    read: readOptions,
    update: setOptions,
    remove: async () => undefined,
    parseImportId: (id) => ({ id }),
  });
}

const setOptions: Operation = async (data, session, warn) => {
  const { now } = data;
  const limit = now.block("log_ratelimit");
  const parameters = {
    policy_in: now.text("input_policy"),
    policy_out: now.text("output_policy"),
    policy_forward: now.text("forward_policy"),
    ebtables: String(Number(now.flag("ebtables"))),
    enable: String(Number(now.flag("enabled"))),
    ...(limit === undefined
      ? {}
      : {
          log_ratelimit: `enable=${Number(limit.flag("enabled"))},burst=${limit.number("burst")},rate=${limit.text("rate")}`,
        }),
  };
  await inContext("error setting options", () =>
    session.api.request("PUT", path, session.lifetime, parameters),
  );
  data.id = "cluster-firewall";
  await readOptions(data, session, warn);
};

const readOptions: Operation = async (data, { api, lifetime }) => {
  const found = await inContext("error retrieving options", () => api.request("GET", path, lifetime));
  const options = expectData(found) as Readonly<Record<string, unknown>>;
  for (const [attribute, parameter] of [
    ["ebtables", "ebtables"],
    ["enabled", "enable"],
  ] as const) {
    if (options[parameter] !== undefined) data.set(attribute, options[parameter] === 1);
  }
  const limit = options["log_ratelimit"];
  if (typeof limit === "string") data.set("log_ratelimit", [parseLimit(limit)]);
  for (const [attribute, parameter] of [
    ["input_policy", "policy_in"],
    ["output_policy", "policy_out"],
    ["forward_policy", "policy_forward"],
  ] as const) {
    if (options[parameter] !== undefined) data.set(attribute, String(options[parameter]));
  }
};

function parseLimit(text: string): ValueObject {
  const pairs = text.split(",").map((part) => {
    const [key = "", value] = part.trim().split("=");
    return value === undefined ? (["enable", key] as const) : ([key, value] as const);
  });
  const given = new Map<string, string>(pairs);
  return {
    enabled: given.get("enable") === "1",
    burst: Number(given.get("burst") ?? 0),
    rate: given.get("rate") ?? "",
  };
}
