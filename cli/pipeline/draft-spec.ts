import { NixherdError } from "../../lib/errors.ts";
import type { Fleet } from "../../specs/fleet.ts";
import { entryOf, isJsonObject, type Json, type JsonObject } from "../../specs/json.ts";
import type { VmSpec } from "../../specs/vm-spec.ts";
import { type NextAddress, nextAddress } from "./next-address.ts";

/** What the command line says about a new machine; what is absent is taken from defaults and neighbours. */
export interface SpecWishes {
  readonly node?: string | undefined;
  readonly template?: string | undefined;
  readonly cores?: number | undefined;
  readonly memoryMiB?: number | undefined;
  readonly diskGiB?: number | undefined;
  readonly datastore?: string | undefined;
  readonly bridge?: string | undefined;
  /** Address with prefix, or "dhcp". */
  readonly address?: string | undefined;
  readonly gateway?: string | undefined;
  readonly sshKeyFile?: string | undefined;
  /** Who may log in with which public keys, where a machine is there already. */
  readonly user?: string | undefined;
  readonly sshKeys?: readonly string[] | undefined;
}

export interface DraftInput {
  readonly stack: string;
  readonly vmId: number;
  readonly wishes: SpecWishes;
  readonly fleet: Fleet;
  /** The merged defaults files: what they say need not be written again. */
  readonly inherited: JsonObject;
}

/**
 * Writes a machine's spec in as few keys as possible. What neither the command line nor the defaults files say is
 * taken from a neighbour: a machine of the stack, else any machine.
 * @throws USAGE when nobody says the node, the template or the datastore; NO_FREE_ADDRESS when the stack's pool is full
 */
export function draftSpec(input: DraftInput): JsonObject {
  const { wishes, vmId } = input;
  const { node, cores, memoryMiB } = wishes;
  const template = templateOf(input);
  return withoutUndefined({
    $schema: "../../specs/vm-spec.schema.json",
    vmId,
    node:
      node ?? (input.inherited["node"] === undefined ? needed("node", neighbourOf(input)?.node) : undefined),
    template: template.isInherited ? undefined : template.key,
    cpu: cores === undefined ? undefined : { cores },
    memory: memoryMiB === undefined ? undefined : { sizeMiB: memoryMiB },
    disks: disksOf(input, template.key),
    networks: networksOf(input),
    access: accessOf(wishes),
  });
}

function accessOf({ user, sshKeys = [], sshKeyFile }: SpecWishes): Json | undefined {
  const access = withoutUndefined({
    user,
    sshKeys: sshKeys.length === 0 ? undefined : sshKeys,
    sshKeyFiles: sshKeyFile === undefined ? undefined : [sshKeyFile],
  });
  return Object.keys(access).length === 0 ? undefined : access;
}

function templateOf(input: DraftInput): { key: string; isInherited: boolean } {
  const { wishes, inherited, fleet } = input;
  if (wishes.template !== undefined) return { key: wishes.template, isInherited: false };
  const written = inherited["template"];
  const inheritedKey = isJsonObject(written) ? written["name"] : written;
  if (typeof inheritedKey === "string") return { key: inheritedKey, isInherited: true };
  const [only, ...others] = Object.keys(fleet.site.templates);
  const key = neighbourOf(input)?.template.name ?? (others.length === 0 ? only : undefined);
  return { key: needed("template", key), isInherited: false };
}

function disksOf(input: DraftInput, templateKey: string): Json | undefined {
  const { wishes, inherited, fleet } = input;
  const { diskGiB, datastore } = wishes;
  const isInherited = Array.isArray(inherited["disks"]) && inherited["disks"].length > 0;
  if (isInherited && diskGiB === undefined && datastore === undefined) return undefined;
  const template = entryOf(fleet.site.templates, templateKey);
  const neighbour = neighbourOf(input)?.disks[0];
  return [
    {
      slot: template?.rootDisk.slot ?? neighbour?.slot ?? "virtio0",
      sizeGiB: diskGiB ?? template?.rootDisk.sizeGiB ?? neighbour?.sizeGiB ?? 8,
      datastore: datastore ?? needed("datastore", neighbour?.datastore ?? template?.cloudInit.datastore),
    },
  ];
}

function networksOf(input: DraftInput): Json | undefined {
  const { wishes, inherited } = input;
  const written = inherited["networks"];
  const inheritedNetwork = Array.isArray(written) && isJsonObject(written[0]) ? written[0] : undefined;
  const addresses = addressesOf(input);
  if (inheritedNetwork !== undefined && addresses === undefined && wishes.bridge === undefined)
    return undefined;
  const neighbour = neighbourOf(input)?.networks[0];
  const { ipv4: _, ipv6: __, ...rest } = inheritedNetwork ?? {};
  const bridge = wishes.bridge ?? rest["bridge"] ?? neighbour?.bridge ?? "vmbr0";
  const vlan = wishes.bridge === undefined ? (rest["vlan"] ?? neighbour?.vlan) : undefined;
  return [withoutUndefined({ ...rest, bridge, vlan, ...(addresses ?? { ipv4: { dhcp: true } }) })];
}

/** The machine's addresses; undefined when the stack has no pool and the command line says none. */
function addressesOf({ wishes, fleet, stack }: DraftInput): JsonObject | undefined {
  const { address, gateway } = wishes;
  if (address === "dhcp") return { ipv4: { dhcp: true } };
  if (address !== undefined) {
    const family = address.includes(":") ? "ipv6" : "ipv4";
    return { [family]: withoutUndefined({ address, gateway }) };
  }
  const [ipv4, ipv6] = [nextAddress(fleet, stack, "ipv4"), nextAddress(fleet, stack, "ipv6")];
  if (ipv4 === "full" || ipv6 === "full") throw poolFull(stack);
  if (ipv4 === undefined && ipv6 === undefined) return undefined;
  return withoutUndefined({ ipv4: writtenAddress(ipv4), ipv6: writtenAddress(ipv6) });
}

function writtenAddress(found: NextAddress | undefined): JsonObject | undefined {
  return found === undefined ? undefined : { ...found };
}

function neighbourOf({ fleet, stack }: DraftInput): VmSpec | undefined {
  const own = fleet.stacks.find(({ name }) => name === stack)?.machines ?? [];
  const all = fleet.stacks.flatMap(({ machines }) => machines);
  return (own[0] ?? all[0])?.spec;
}

function needed(option: "node" | "template" | "datastore", value: string | undefined): string {
  if (value !== undefined) return value;
  throw new NixherdError("USAGE", {
    message: `Neither the command line nor vm-specs/_defaults.json says the machine's ${option}, and there is no other machine to take it from.`,
    hint: `Add --${option}.`,
  });
}

function poolFull(stack: string): NixherdError {
  return new NixherdError("NO_FREE_ADDRESS", {
    message: `No address is free in the pools of stack ${stack}, or a pool is a range whose prefix no machine tells.`,
    hint: "Add --address (an address with prefix, or dhcp), or another pool to vm-specs/_site.json.",
  });
}

function withoutUndefined(object: Readonly<Record<string, Json | undefined>>): JsonObject {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as JsonObject;
}
