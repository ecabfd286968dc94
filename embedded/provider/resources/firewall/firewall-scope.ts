import { crc32 } from "node:zlib";
import type { Behaviours } from "../../legacy/field.ts";
import type { Section } from "../../legacy/section.ts";
import type { ValueObject } from "../../wire/value.ts";
import { vmid } from "../vm/checks.ts";

/** The attributes that choose whose firewall is meant: the cluster's if none is set. */
export const scopeBehaviours: Behaviours = {
  vm_id: { check: vmid, requires: ["node_name"] },
  container_id: { check: vmid, requires: ["node_name"] },
};

/** The path of the firewall that a resource means: "cluster/firewall", "nodes/pve1/qemu/101/firewall". */
export function firewallPath(values: Section): string {
  const node = values.text("node_name");
  if (node === "") return "cluster/firewall";
  const base = `nodes/${encodeURIComponent(node)}`;
  if (values.number("vm_id") !== 0) return `${base}/qemu/${values.number("vm_id")}/firewall`;
  if (values.number("container_id") !== 0) return `${base}/lxc/${values.number("container_id")}/firewall`;
  return `${base}/firewall`;
}

/** The id of a resource that is one thing of its firewall: a word and a hash of the path. */
export function idOfPath(word: string, path: string): string {
  return `${word}-${crc32(path)}`;
}

/** What an import id says about the firewall; the rest behind it is given back as `name`. */
export interface ImportedScope {
  readonly scope: ValueObject;
  readonly name: string;
}

interface ImportedMachine {
  readonly prefix: "vm" | "container";
  readonly attribute: "vm_id" | "container_id";
  readonly shown: string;
}

const machines: readonly ImportedMachine[] = [
  { prefix: "vm", attribute: "vm_id", shown: "VM" },
  { prefix: "container", attribute: "container_id", shown: "container" },
];

/**
 * Reads "vm/<node>/<vmid>" or "container/<node>/<vmid>", with one more part when `tail` names it; undefined for
 * anything else. Throws in the real provider's words when the parts are not right.
 */
export function parseMachineScope(id: string, tail: string, needsNode: boolean): ImportedScope | undefined {
  const machine = machines.find(({ prefix }) => id.startsWith(`${prefix}/`));
  if (machine === undefined) return undefined;
  const { prefix, attribute, shown } = machine;
  const count = tail === "" ? 3 : 4;
  const parts = splitAtMost(id, count);
  if (parts.length !== count) {
    const format = `${prefix}/<node_name>/<${attribute}>${tail}`;
    throw new Error(`invalid ${shown} import ID format: ${id} (expected: ${format})`);
  }
  const [, node = "", number = "", name = ""] = parts;
  if (node === "" && needsNode) {
    throw new Error(`invalid ${shown} import ID: node name cannot be empty in ${id}`);
  }
  if (!/^[+-]?\d+$/.test(number)) {
    const cause = `strconv.Atoi: parsing ${JSON.stringify(number)}: invalid syntax`;
    throw new Error(`invalid ${shown} import ID: ${shown} ID must be a number in ${id}: ${cause}`);
  }
  return { scope: { node_name: node, [attribute]: Number(number) }, name };
}

function splitAtMost(text: string, count: number): readonly string[] {
  const parts = text.split("/");
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join("/")];
}
