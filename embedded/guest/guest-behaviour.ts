import type { GuestMachine } from "../pve/guest-port.ts";

/** How the inside of a machine behaves. */
export interface GuestBehaviour {
  /** From power on until the SSH server listens, in milliseconds. */
  readonly bootMs: number;
  /** From power on until the agent answers, in milliseconds. */
  readonly agentMs: number;
  /** The machine goes on running when it is asked to shut down. */
  readonly ignoresShutdown: boolean;
  /** Power comes on and nothing else happens. */
  readonly neverBoots: boolean;
  readonly hasAgent: boolean;
}

/**
 * Reads the behaviour that a machine's description asks for: lines `embedded: no-agent`, `embedded: ignore-shutdown`,
 * `embedded: never-boots`. Without such lines the machine boots in 0.3 seconds and does all that it is asked.
 * The agent answers only if the machine's configuration enables it, as on a real cluster.
 */
export function readBehaviour(machine: GuestMachine): GuestBehaviour {
  const description = String(machine.config["description"] ?? "");
  const asks = (word: string): boolean => new RegExp(`^embedded:\\s*${word}\\s*$`, "m").test(description);
  return {
    bootMs: 300,
    agentMs: 200,
    ignoresShutdown: asks("ignore-shutdown"),
    neverBoots: asks("never-boots"),
    hasAgent: /^(enabled=)?1\b/.test(String(machine.config["agent"] ?? "")) && !asks("no-agent"),
  };
}
