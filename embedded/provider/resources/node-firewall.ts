import { inContext } from "../api/api-error.ts";
import { ProviderFailure } from "../failure.ts";
import { atLeast, atLeastBytes, oneOf } from "../framework/attribute-checks.ts";
import { type AttributeRules, identifying, resourceId } from "../framework/attribute-rules.ts";
import { frameworkResource } from "../framework/framework-resource.ts";
import {
  attributesOf,
  flag,
  number,
  type ParameterRow,
  parametersOf,
  sameNamed,
  text,
} from "../framework/parameter-table.ts";
import type { ProviderSession } from "../provider-session.ts";
import type { ResourceType } from "../resource-type.ts";
import type { TypeSchema } from "../schema/schema.ts";
import type { ValueObject } from "../wire/value.ts";

/** In the order in which all of them are named when the resource goes. */
const rows: readonly ParameterRow[] = [
  { attribute: "enabled", parameter: "enable", codec: flag },
  ...sameNamed(text, "log_level_in", "log_level_out", "log_level_forward"),
  ...sameNamed(flag, "ndp"),
  ...sameNamed(number, "nf_conntrack_max", "nf_conntrack_tcp_timeout_established"),
  ...sameNamed(flag, "nftables", "nosmurfs"),
  ...sameNamed(text, "smurf_log_level", "tcp_flags_log_level"),
];

const logLevel = {
  default: "nolog",
  checks: [oneOf("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "nolog")],
};

const rules: AttributeRules = {
  id: resourceId,
  node_name: { ...identifying, checks: [atLeastBytes(1)] },
  enabled: { default: true },
  log_level_in: logLevel,
  log_level_out: logLevel,
  log_level_forward: logLevel,
  ndp: { default: true },
  nf_conntrack_max: { default: 262_144, checks: [atLeast(32_768)] },
  nf_conntrack_tcp_timeout_established: { default: 432_000, checks: [atLeast(7875)] },
  nftables: { default: false },
  nosmurfs: { default: true },
  smurf_log_level: logLevel,
  tcp_flags_log_level: logLevel,
};

/** proxmox_node_firewall: the firewall options of one node. Destroying it gives every option back to its default. */
export function nodeFirewall(schema: TypeSchema): ResourceType {
  return frameworkResource({
    schema,
    rules,
    create: async (planned, session) => {
      await setOptions("creating", planned, parametersOf(rows, planned), session);
      return readOptions({ ...planned, id: planned["node_name"] ?? null }, session);
    },
    read: (state, session) => readOptions(state, session),
    update: async (planned, _prior, session) => {
      await setOptions("updating", planned, parametersOf(rows, planned), session);
      return readOptions(planned, session);
    },
    remove: (state, session) => {
      const all = rows.map(({ parameter }) => parameter).join(",");
      return setOptions("deleting", state, { delete: all }, session);
    },
    importState: (id, session) => readOptions({ id, node_name: id }, session),
  });
}

type Doing = "creating" | "updating" | "deleting" | "getting";

const verbs: Readonly<Record<Doing, string>> = {
  creating: "create",
  updating: "update",
  deleting: "delete",
  getting: "get",
};

async function setOptions(
  doing: Doing,
  values: ValueObject,
  parameters: Readonly<Record<string, string | readonly string[]>>,
  { api, lifetime }: ProviderSession,
): Promise<void> {
  await named(doing, "error setting node firewall options", () =>
    api.request("PUT", optionsPath(values), lifetime, parameters),
  );
}

async function readOptions(values: ValueObject, { api, lifetime }: ProviderSession): Promise<ValueObject> {
  const data = await named("getting", "error retrieving node firewall options", () =>
    api.request("GET", optionsPath(values), lifetime),
  );
  return { ...values, ...attributesOf(rows, data ?? {}) };
}

async function named<Result>(doing: Doing, context: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await inContext(context, step);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const detail = `Could not ${verbs[doing]} node firewall options, unexpected error: ${message}`;
    throw new ProviderFailure([
      { severity: "ERROR", summary: `Error ${doing} node firewall options`, detail },
    ]);
  }
}

function optionsPath(values: ValueObject): string {
  return `nodes/${encodeURIComponent(String(values["node_name"]))}/firewall/options`;
}
