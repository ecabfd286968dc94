import { hasPrivilege } from "../access/permissions.ts";
import { parsePropertyString, printPropertyString } from "../check/parse-property-string.ts";
import { apiSchema, type PropertyString, propertyStrings } from "../check/schema.ts";
import { splitList } from "../check/split-list.ts";
import { failure } from "../http/api-error.ts";
import { showPropertyString } from "../sections/show-property-string.ts";
import type { Cluster } from "../state/cluster.ts";
import type { Call, EndpointTable } from "./endpoint.ts";

/** First part of MAC addresses where none is configured (pve-cluster 9). */
const defaultMacPrefix = "BC:24:11";

/** Options that callers without rights may see as well. */
const openOptions = new Set(["console", "tag-style"]);

/** Property strings that readers get taken apart; the others stay text. */
const shownInParts = new Set(
  "crs migration replication next-id ha notify u2f webauthn tag-style user-tag-access".split(" "),
);

function formatOf(name: string): PropertyString | undefined {
  const format = apiSchema.get("/cluster/options")?.get("PUT")?.parameters[name]?.format;
  return typeof format === "string" ? propertyStrings[format] : format;
}

/** An option as readers get it: property strings taken apart, tag lists as lists. */
function show(name: string, value: string | number): unknown {
  if (name === "registered-tags") return String(value).split(";");
  const format = shownInParts.has(name) ? formatOf(name) : undefined;
  if (format === undefined) return value;
  const { "user-allow-list": allowed, ...parts } = showPropertyString(format, value);
  return allowed === undefined ? parts : { ...parts, "user-allow-list": String(allowed).split(";") };
}

/** Tags in use, and those that are set down in the options. */
function knownTags({ vms, datacenter }: Cluster): string[] {
  const used = [...vms.values()].flatMap(({ config }) => splitList(config["tags"]));
  const registered = String(datacenter.options["registered-tags"] ?? "").split(";");
  return [...new Set([...used, ...registered])].filter((tag) => tag !== "").sort();
}

function read(call: Call): Record<string, unknown> {
  const { cluster, caller } = call;
  const seesAll = hasPrivilege(cluster, caller, "/", "Sys.Audit");
  const { options } = cluster.datacenter;
  const shown = Object.entries({ mac_prefix: defaultMacPrefix, description: "", ...options })
    .filter(([name]) => seesAll || openOptions.has(name))
    .map(([name, value]) => [name, show(name, value)]);
  return { ...Object.fromEntries(shown), "allowed-tags": knownTags(cluster) };
}

/** Descriptions end in a line feed, lists of tags are sorted, property strings in the order of their keys. */
function normalize(name: string, value: string | number): string | number {
  const text = String(value);
  if (name === "description") return text === "" ? "" : `${text.replace(/\n+$/, "")}\n`;
  if (name === "registered-tags") return [...new Set(text.split(";"))].sort().join(";");
  if (name === "console" && text === "applet") return "html5";
  const format = shownInParts.has(name) ? formatOf(name) : undefined;
  return format === undefined ? value : printPropertyString(format, parsePropertyString(format, text));
}

function checkIdRange(text: string | number | undefined): void {
  const { lower, upper } = idRange(text);
  if (lower > upper) throw failure(`lower (${lower}) <= upper (${upper}) boundary rule broken`);
}

function update({ cluster, parameters }: Call): null {
  const { delete: removed, ...sent } = parameters;
  checkIdRange(sent["next-id"]);
  const { options } = cluster.datacenter;
  for (const [name, value] of Object.entries(sent)) options[name] = normalize(name, value);
  for (const name of splitList(removed)) delete options[name];
  return null;
}

function idRange(text: string | number | undefined): { readonly lower: number; readonly upper: number } {
  const { lower = "100", upper = "1000000" } = parsePropertyString(
    formatOf("next-id") ?? {},
    String(text ?? ""),
  );
  return { lower: Number(lower), upper: Number(upper) };
}

/**
 * The first VMID without a machine in the range that the options give.
 *
 * @throws ApiError 500 when there is none.
 */
export function firstFreeId({ vms, datacenter }: Cluster): string {
  const { lower, upper } = idRange(datacenter.options["next-id"]);
  for (let vmid = lower; vmid < upper; vmid += 1) if (!vms.has(vmid)) return String(vmid);
  throw failure(`unable to get any free VMID in range [${lower}, ${upper}]`);
}

export const clusterOptionEndpoints: EndpointTable = {
  "GET /cluster/options": read,
  "PUT /cluster/options": update,
};
