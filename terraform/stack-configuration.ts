import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import { machineType } from "./machine-address.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** What is read of a synthesised stack without Terraform. */
export interface StackConfiguration {
  /** The `terraform` block: backend, required providers and version. */
  readonly terraform: JsonObject;
  /** Source and version of each module, by name. */
  readonly modules: JsonObject;
  /** VMIDs of the machines it describes. */
  readonly vmIds: ReadonlySet<number>;
}

/**
 * Reads `cdk.tf.json` of a stack's folder.
 * @throws SYNTH_FAILED when it is missing or no JSON
 */
export async function readStackConfiguration(folderPath: string): Promise<StackConfiguration> {
  const file = join(folderPath, "cdk.tf.json");
  const whole = await readFile(file, "utf8")
    .then(parseObject)
    .catch((cause: unknown) => unreadable(file, cause));
  const machines = Object.values(objectAt(whole, "resource", machineType));
  return {
    terraform: objectAt(whole, "terraform"),
    modules: mapValues(objectAt(whole, "module"), (module) => [
      objectAt(module)["source"],
      objectAt(module)["version"],
    ]),
    vmIds: new Set(machines.map((machine) => Number(objectAt(machine)["vm_id"])).filter(Number.isInteger)),
  };
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
