import { isDeepStrictEqual } from "node:util";
import { machineOfAddress } from "./machine-address.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** A stack that is the same, one of which only machines differ (by VMID, sorted), or one that differs elsewhere. */
export type Touched = "nothing" | "everything" | readonly number[];

/**
 * What differs between two synthesised configurations (`cdk.tf.json`) of a stack; `undefined` is a configuration that
 * does not exist. Outputs follow from the machines and count only where no machine differs.
 */
export function touchedMachines(former: JsonObject | undefined, current: JsonObject | undefined): Touched {
  const [before, after] = [withoutSystems(former), withoutSystems(current)];
  if (isDeepStrictEqual(before, after)) return "nothing";
  if (before === undefined || after === undefined) return "everything";
  const [old, planned] = [resourcesOf(before), resourcesOf(after)];
  const addresses = new Set([...old.keys(), ...planned.keys()]);
  const differing = [...addresses].filter(
    (address) => !isDeepStrictEqual(old.get(address), planned.get(address)),
  );
  const owners = differing.map((address) => machineOfAddress(address)?.vmId);
  const isElsewhere = !isDeepStrictEqual(withoutResources(before), withoutResources(after));
  if (isElsewhere || owners.length === 0 || owners.includes(undefined)) return "everything";
  return [...new Set(owners.filter((owner) => owner !== undefined))].toSorted((left, right) => left - right);
}

/** The variable that hands a built system to the hook: what tells systems apart is the trigger of the step. */
const builtSystem = "NIXHERD_SYSTEM";

function withoutSystems(configuration: JsonObject | undefined): JsonObject | undefined {
  if (configuration === undefined) return undefined;
  return JSON.parse(JSON.stringify(configuration), (key, value) => (key === builtSystem ? undefined : value));
}

/** Every resource by its address. */
function resourcesOf({ resource }: JsonObject): Map<string, unknown> {
  const types = Object.entries((resource ?? {}) as Readonly<Record<string, JsonObject>>);
  return new Map(
    types.flatMap(([type, resources]) =>
      Object.entries(resources).map(([name, value]) => [`${type}.${name}`, value] as const),
    ),
  );
}

function withoutResources({ resource: _, output: __, ...others }: JsonObject): JsonObject {
  return others;
}
