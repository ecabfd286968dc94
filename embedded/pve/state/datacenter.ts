import { createFirewalls, type Firewalls } from "./firewall.ts";
import { createSectionFiles, type SectionFiles } from "./section.ts";

/** What the HA manager knows about one resource beside its configuration. */
export interface HaService {
  /** Starts that failed in a row. */
  failures: number;
  /** Node that the resource is asked to move to. */
  target: string | undefined;
  /** Seconds that the guest is given by a command to stop; 0 cuts its power, undefined is no command. */
  stopSeconds: number | undefined;
  /** It moves switched off and is started again, even where it could move running. */
  isRelocated: boolean;
}

/** A resource that the manager just met. */
export function createHaService(): HaService {
  return { failures: 0, target: undefined, stopSeconds: undefined, isRelocated: false };
}

/** Settings of one node that the API can change. */
export interface NodeSettings {
  timezone: string;
  /** Content of /etc/hosts. */
  hosts: string;
  /** /etc/resolv.conf; undefined keeps what the node was started with. */
  dns: Record<string, string> | undefined;
}

/** Configuration of the cluster as a whole. Plain data: every part of it can be written as JSON and read back. */
export interface Datacenter {
  readonly sections: SectionFiles;
  readonly firewalls: Firewalls;
  /** datacenter.cfg: option to its text. */
  readonly options: Record<string, string | number>;
  /** HA resource id to what the manager knows. */
  readonly haServices: Record<string, HaService>;
  /** Replication jobs that are being removed, to the millisecond since 1970 from which they are gone. */
  readonly leavingJobs: Record<string, number>;
  /** How resources are handled while HA is disarmed; undefined while it is armed. */
  haDisarmed: { mode: "freeze" | "ignore" | undefined };
  readonly nodeSettings: Record<string, NodeSettings>;
}

/** A fresh installation's. */
export function createDatacenter(): Datacenter {
  return {
    sections: createSectionFiles(),
    firewalls: createFirewalls(),
    options: {},
    haServices: {},
    leavingJobs: {},
    haDisarmed: { mode: undefined },
    nodeSettings: {},
  };
}

/** A node's settings, those of a fresh installation until something is changed. */
export function settingsOfNode(datacenter: Datacenter, node: string): NodeSettings {
  datacenter.nodeSettings[node] ??= { timezone: "Etc/UTC", hosts: "127.0.0.1 localhost\n", dns: undefined };
  return datacenter.nodeSettings[node];
}
