import { inContext } from "../../api/api-error.ts";
import type { Behaviours } from "../../legacy/field.ts";
import { legacyResource, type Operation } from "../../legacy/legacy-resource.ts";
import { objectSection } from "../../legacy/section.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { TypeSchema } from "../../schema/schema.ts";
import type { Diagnostic } from "../../wire/diagnostic.ts";
import { isObject, type Value } from "../../wire/value.ts";
import { oneOf, vmid } from "../vm/checks.ts";
import { firewallPath, idOfPath, parseMachineScope } from "./firewall-scope.ts";

/** Attributes and their parameters; flags are sent as 1 and 0. */
const options: readonly { attribute: string; parameter: string; isFlag: boolean }[] = [
  { attribute: "dhcp", parameter: "dhcp", isFlag: true },
  { attribute: "enabled", parameter: "enable", isFlag: true },
  { attribute: "ipfilter", parameter: "ipfilter", isFlag: true },
  { attribute: "log_level_in", parameter: "log_level_in", isFlag: false },
  { attribute: "log_level_out", parameter: "log_level_out", isFlag: false },
  { attribute: "macfilter", parameter: "macfilter", isFlag: true },
  { attribute: "ndp", parameter: "ndp", isFlag: true },
  { attribute: "input_policy", parameter: "policy_in", isFlag: false },
  { attribute: "output_policy", parameter: "policy_out", isFlag: false },
  { attribute: "radv", parameter: "radv", isFlag: true },
];

const logLevel = oneOf("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "nolog");

/** What to do with a packet that no rule decides on. */
export const policy = oneOf("ACCEPT", "REJECT", "DROP");

const behaviours: Behaviours = {
  dhcp: { default: false },
  enabled: { default: false },
  log_level_in: { default: "nolog", check: logLevel },
  log_level_out: { default: "nolog", check: logLevel },
  macfilter: { default: true },
  ndp: { default: false },
  input_policy: { default: "DROP", check: policy },
  output_policy: { default: "ACCEPT", check: policy },
  radv: { default: true },
  vm_id: { check: vmid },
  container_id: { check: vmid },
};

/** proxmox_virtual_environment_firewall_options: the options of one machine's firewall; destroying leaves them. */
export function firewallOptions(schema: TypeSchema): ResourceType {
  return legacyResource({
    schema,
    behaviours,
    checks: [exactlyOneMachine],
    create: setOptions,
    read: readOptions,
    update: async (data, session, warn) => {
      await setOptions(data, session, warn);
      await readOptions(data, session, warn);
    },
    remove: async () => undefined,
    parseImportId: (id) => {
      const imported = parseMachineScope(id, "", true);
      if (imported === undefined) {
        const expected = "'vm/<node_name>/<vm_id>' or 'container/<node_name>/<container_id>'";
        throw new Error(`invalid import ID: ${id} (expected: ${expected})`);
      }
      const path = firewallPath(objectSection(imported.scope));
      return { ...imported.scope, id: idOfPath("options", `${path}/options`) };
    },
  });
}

const setOptions: Operation = async (data, session, warn) => {
  const path = `${firewallPath(data.now)}/options`;
  const parameters = Object.fromEntries(
    options.map(({ attribute, parameter, isFlag }) => [
      parameter,
      isFlag ? String(Number(data.now.flag(attribute))) : data.now.text(attribute),
    ]),
  );
  await inContext("error setting options", () =>
    session.api.request("PUT", path, session.lifetime, parameters),
  );
  data.id = idOfPath("options", path);
  await readOptions(data, session, warn);
};

const readOptions: Operation = async (data, { api, lifetime }) => {
  const found = await inContext("error retrieving options", () =>
    api.request("GET", `${firewallPath(data.now)}/options`, lifetime),
  );
  const given = (found ?? {}) as Readonly<Record<string, Value>>;
  for (const { attribute, parameter, isFlag } of options) {
    const value = given[parameter];
    if (value !== undefined) data.set(attribute, isFlag ? value === 1 || value === true : String(value));
  }
};

function exactlyOneMachine(config: Value): readonly Diagnostic[] {
  const values = isObject(config) ? config : {};
  const names = ["container_id", "vm_id"];
  const given = names.filter((name) => (values[name] ?? null) !== null);
  if (given.length === 1) return [];
  const all = names.join(",");
  return names.map((name) => ({
    severity: "ERROR",
    summary: "Invalid combination of arguments",
    detail:
      given.length === 0
        ? `"${name}": one of \`${all}\` must be specified`
        : `"${name}": only one of \`${all}\` can be specified, but \`${given.join(",")}\` were specified.`,
    path: [name],
  }));
}
