import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { machineType } from "./machine-address.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** A machine as its stack describes it, as far as a look at the cluster is compared with it. */
export interface ConfiguredMachine {
  readonly vmId: number;
  readonly name: string;
  /** Where it has drives: disks, CD drive, cloud-init drive, "efidisk0", "tpmstate0". */
  readonly driveSlots: ReadonlySet<string>;
  readonly networkCount: number;
  readonly hasPool: boolean;
  readonly hasDns: boolean;
}

/** What is read of a synthesised stack without Terraform. */
export interface StackConfiguration {
  /** The `terraform` block: backend, required providers and version. */
  readonly terraform: JsonObject;
  /** Source and version of each module, by name. */
  readonly modules: JsonObject;
  /** The machines it describes, by VMID. */
  readonly machines: ReadonlyMap<number, ConfiguredMachine>;
}

/**
 * The whole `cdk.tf.json` of a stack's folder.
 * @throws SYNTH_FAILED when it is missing or no JSON
 */
export async function readSynthesized(folderPath: string): Promise<JsonObject> {
  const file = join(folderPath, "cdk.tf.json");
  return readFile(file, "utf8")
    .then(parseObject)
    .catch((cause: unknown) => unreadable(file, cause));
}

/**
 * Reads what is needed of a stack's `cdk.tf.json`.
 * @throws SYNTH_FAILED when it is missing or no JSON
 */
export async function readStackConfiguration(folderPath: string): Promise<StackConfiguration> {
  const whole = await readSynthesized(folderPath);
  const machines = Object.values(objectAt(whole, "resource", machineType));
  return {
    terraform: objectAt(whole, "terraform"),
    modules: mapValues(objectAt(whole, "module"), (module) => [
      objectAt(module)["source"],
      objectAt(module)["version"],
    ]),
    machines: new Map(machines.flatMap(readMachine).map((machine) => [machine.vmId, machine])),
  };
}

function readMachine(value: unknown): ConfiguredMachine[] {
  const machine = objectAt(value);
  const vmId = Number(machine["vm_id"]);
  if (!Number.isInteger(vmId)) return [];
  const drives = ["disk", "cdrom", "initialization"].flatMap((block) => blocksAt(machine, block));
  const slots = drives.flatMap(({ interface: slot }) => (typeof slot === "string" ? slot : []));
  if (blocksAt(machine, "efi_disk").length > 0) slots.push("efidisk0");
  if (blocksAt(machine, "tpm_state").length > 0) slots.push("tpmstate0");
  const [cloudInit] = blocksAt(machine, "initialization");
  return [
    {
      vmId,
      name: String(machine["name"] ?? ""),
      driveSlots: new Set(slots),
      networkCount: blocksAt(machine, "network_device").length,
      hasPool: Boolean(machine["pool_id"]),
      hasDns: cloudInit !== undefined && blocksAt(cloudInit, "dns").length > 0,
    },
  ];
}

/** The blocks of a name; a single one may be written without its list. */
function blocksAt(object: JsonObject, name: string): JsonObject[] {
  const value = object[name];
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((each) => objectAt(each)) : [objectAt(value)];
}

function parseObject(text: string): JsonObject {
  return objectAt(JSON.parse(text));
}

function unreadable(file: string, cause: unknown): never {
  throw new NixherdError("SYNTH_FAILED", {
    message: `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: "Run nixherd synth.",
    cause,
  });
}

/** The object at a path of keys; {} where there is none. */
function objectAt(value: unknown, ...keys: readonly string[]): JsonObject {
  let found = value;
  for (const key of keys) found = objectAt(found)[key];
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as JsonObject) : {};
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
