import type { AccessState } from "../access/access-state.ts";
import type { FaultState } from "../faults/fault-state.ts";
import type { GuestPort } from "../guest-port.ts";
import type { Datacenter } from "./datacenter.ts";
import type { HostClock } from "./host-clock.ts";
import type { PveNode } from "./node.ts";
import type { PveStorage } from "./storage.ts";
import type { TaskTable } from "./task.ts";
import type { Vm } from "./vm.ts";
import type { Volume } from "./volume.ts";

/** Waiting times of the embedded server, in milliseconds. */
export interface Delays {
  /** How long a task runs at least; 0 lets short ones end before their first poll. @default 50 */
  readonly taskMs: number;
  /** Task type (`qmclone`, `qmstart`, ...) to its own least duration. @default {} */
  readonly taskMsByType: Readonly<Record<string, number>>;
  /** How long a clone's task copies disks after that; the new VM has its name by then. @default 0 */
  readonly copyMs: number;
  /** Pause before 401 on a wrong token or password; the real server takes 3,000. @default 0 */
  readonly wrongTokenMs: number;
  /** Pause before the answer of an agent that is enabled but silent; the real server takes 3,000. @default 0 */
  readonly silentAgentMs: number;
  /** How long an operation waits for the one before it on the same VM. @default 10000, as the real one */
  readonly lockTimeoutMs: number;
  /** How long a VM stays down after the task of a reboot is over; the real server takes 2,000. @default 0 */
  readonly rebootGapMs: number;
  /**
   * How often the status daemon looks: lists of the whole cluster are that old, and a new VM has neither name nor
   * status there before. 0 keeps them current. @default 10000, as the real one
   */
  readonly statusRoundMs: number;
  /**
   * How often the HA manager compares what its resources are with what they shall be. 0 lets it act at once.
   * @default 10000, as the real one
   */
  readonly haRoundMs: number;
}

/** A named group of VMs and storages that permissions can be given on. */
export interface Pool {
  readonly poolid: string;
  comment: string | undefined;
  readonly vmids: Set<number>;
  readonly storages: Set<string>;
}

/** Everything the embedded server knows; plain records, changed in place by the endpoints. */
export interface Cluster {
  readonly nodes: ReadonlyMap<string, PveNode>;
  /** Names of nodes that do not answer: those that a `node-down` rule names, and whatever a test puts in. */
  readonly downNodes: Set<string>;
  readonly faults: FaultState;
  readonly storages: ReadonlyMap<string, PveStorage>;
  readonly vms: Map<number, Vm>;
  /** Keyed by `volumeKey`. */
  readonly volumes: Map<string, Volume>;
  readonly pools: Map<string, Pool>;
  /** What the status daemon saw in its last round, by VMID. */
  readonly lastSeen: Map<number, Readonly<Record<string, unknown>>>;
  readonly tasks: TaskTable;
  readonly access: AccessState;
  /** HA, firewalls, jobs, mappings, realms and options of the whole cluster. */
  readonly datacenter: Datacenter;
  readonly guests: GuestPort;
  readonly delays: Delays;
  readonly clock: HostClock;
}
