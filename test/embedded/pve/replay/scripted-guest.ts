import { AgentNotRunning, type GuestPort } from "../../../../embedded/pve/guest-port.ts";

/** Guests that do what those of the recording did. */
export interface ScriptedGuests {
  readonly port: GuestPort;
  /** VMs whose guests power off when asked to. */
  readonly obedient: Set<number>;
  /** What the agent of a VM answers, by command; a VM that is missing has no agent. */
  readonly agents: Map<number, Map<string, unknown>>;
}

/** Makes guests whose behaviour the stage directions set. */
export function createScriptedGuests(): ScriptedGuests {
  const obedient = new Set<number>();
  const agents = new Map<number, Map<string, unknown>>();
  const port: GuestPort = {
    boot: () => Promise.resolve(),
    shutdown: (vmid) => Promise.resolve(obedient.has(vmid)),
    powerOff: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
    agent: (vmid, command) => {
      const answers = agents.get(vmid);
      return answers === undefined
        ? Promise.reject(new AgentNotRunning())
        : Promise.resolve(answers.get(command) ?? {});
    },
  };
  return { port, obedient, agents };
}
