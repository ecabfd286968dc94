import type { GuestConnection } from "./connection.ts";
import { readFields } from "./fields.ts";
import { askScript } from "./run-script.ts";

/** What a machine is and what it runs, as itself tells it. What it did not tell is absent. */
export interface GuestFacts {
  readonly hostName?: string;
  /** Of NixOS, such as "26.05.20261101.abcdef". */
  readonly nixosVersion?: string;
  readonly kernel?: string;
  /** Git revision that the running configuration was built from (system.configurationRevision). */
  readonly revision?: string;
  /** Store path of the system that runs. */
  readonly running: string;
  /** Store path of the system that the machine booted. */
  readonly booted?: string;
  /** Store path of the profile's generation, which the next boot starts. */
  readonly profile: string;
  /** Number of the profile's generation. */
  readonly generation?: number;
  /** Store path of the system that a deploy confirmed last. */
  readonly confirmed?: string;
  readonly bootId: string;
  readonly uptimeSeconds?: number;
  readonly memoryTotalMib?: number;
  readonly memoryAvailableMib?: number;
  readonly storeFreeMib?: number;
  readonly storeSizeMib?: number;
  /** Units in the failed state. */
  readonly failedUnits: readonly string[];
  /** What of the running system a reboot would replace: "kernel", "initrd", "kernel-modules". */
  readonly rebootFor: readonly string[];
  /** An activation waits for its confirmation. */
  readonly isUndecided: boolean;
}

const timeoutMs = 30_000;

/** @throws GUEST_COMMAND_FAILED on a machine without NixOS, COMMAND_TIMED_OUT, SSH_REFUSED */
export async function readFacts(connection: GuestConnection): Promise<GuestFacts> {
  return parseFacts(await askScript(connection, { words: ["os_facts"], timeoutMs }));
}

/** Reads what guests/remote/facts.sh printed. */
export function parseFacts(text: string): GuestFacts {
  const { one, all, count } = readFields(text);
  return {
    ...given("hostName", one("host-name")),
    ...given("nixosVersion", one("version")),
    ...given("kernel", one("kernel")),
    ...given("revision", one("revision")),
    running: one("current") ?? "",
    ...given("booted", one("booted")),
    profile: one("profile") ?? "",
    ...given("generation", count("generation")),
    ...given("confirmed", one("confirmed")),
    bootId: one("boot") ?? "",
    ...given("uptimeSeconds", count("uptime-seconds")),
    ...given("memoryTotalMib", count("memory-total-mib")),
    ...given("memoryAvailableMib", count("memory-available-mib")),
    ...given("storeFreeMib", count("store-free-mib")),
    ...given("storeSizeMib", count("store-size-mib")),
    failedUnits: all("unit"),
    rebootFor: all("reboot"),
    isUndecided: one("undecided") === "true",
  };
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
