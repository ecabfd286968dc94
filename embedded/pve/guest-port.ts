/** What the server tells a guest about the machine that it runs on. */
export interface GuestMachine {
  readonly vmid: number;
  readonly node: string;
  readonly name: string;
  /** The configuration that the machine was started with, in the form `GET .../config` shows it. */
  readonly config: Readonly<Record<string, string | number>>;
  /** It ran when the server's process ended: nobody has just switched it on. @default false */
  readonly isResumed?: boolean;
}

/** The one way from the embedded server to whatever runs inside the machines. */
export interface GuestPort {
  /** The VM's power came on. Resolves when the guest's processes run; a rejection fails the start task with the error's message. */
  boot(machine: GuestMachine): Promise<void>;
  /** Shutdown by ACPI or agent: resolves true when the guest powered itself off, false when it ignores the request. */
  shutdown(vmid: number): Promise<boolean>;
  /** The VM's power was cut. */
  powerOff(vmid: number): Promise<void>;
  /** The VM was destroyed: the guest forgets its disks. */
  destroy(vmid: number): Promise<void>;
  /** A VM became a copy of another one, disks included. @default the copy begins as a new machine */
  clone?(source: number, copy: number): Promise<void>;
  /** A key was pressed, or several at once (`shift-a`), in QEMU's names. @default nobody reads it */
  pressKey?(vmid: number, key: string): void;
  /**
   * Runs one agent command (`ping`, `network-get-interfaces`, `file-read`, ...) and resolves with the agent's return value.
   *
   * @throws AgentNotRunning when the guest has no agent, or none yet.
   */
  agent(vmid: number, command: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Whether the guest never lets go of a device that is to be unplugged while it runs. @default it does at once */
  holdsDevices?(vmid: number): boolean;
}

/** The guest has no agent that answers; the API says `QEMU guest agent is not running`. */
export class AgentNotRunning extends Error {
  override readonly name = "AgentNotRunning";

  constructor() {
    super("QEMU guest agent is not running");
  }
}

/** The agent answered with an error; the API says `Agent error: <message>`. */
export class AgentError extends Error {
  override readonly name = "AgentError";
}

/** Machines without anything inside: they power off when asked to, and no agent ever answers. */
export const withoutGuests: GuestPort = {
  boot: () => Promise.resolve(),
  shutdown: () => Promise.resolve(true),
  powerOff: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
  agent: () => Promise.reject(new AgentNotRunning()),
};
