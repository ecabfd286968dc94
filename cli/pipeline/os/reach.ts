import type { GuestConnection } from "../../../guests/connection.ts";
import type { Guest } from "../../../guests/guest.ts";
import { type GuestAccess, openGuest } from "../../../guests/open-guest.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { Fleet, Machine } from "../../../specs/fleet.ts";
import { mainAddress } from "../../../specs/main-address.ts";
import { type AgentQuestions, openAgents } from "./ask-agent.ts";

/** The way to the machines of a fleet. */
export interface Reach {
  readonly access: GuestAccess;
  readonly agents: AgentQuestions;
  /** Endpoint of the API that the site file names. */
  readonly endpoint: string | undefined;
  /** @throws SSH_REFUSED when nobody knows where the machine answers */
  guestOf(machine: Machine): Promise<Guest>;
  /**
   * Logs in, does something and logs out. An interruption cuts the connection, unless what is done has to end by itself.
   * @throws SSH_REFUSED, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, INTERRUPTED, and what `work` throws
   */
  withGuest<R>(
    machine: Machine,
    work: (connection: GuestConnection) => Promise<R>,
    options?: { readonly endsByItself?: boolean },
  ): Promise<R>;
  close(): Promise<void>;
}

/** Opens the way; nobody is asked and nothing is connected yet. */
export function openReach(fleet: Fleet, interrupt: AbortSignal): Reach {
  const agents = openAgents(fleet);
  const all = fleet.stacks.flatMap(({ machines }) => machines);
  const access: GuestAccess = {
    root: fleet.root,
    configFile: process.env["NIXHERD_SSH_CONFIG"] || undefined,
    askAgent: agents.hostKey,
    hasAgent: (vmId) => all.find(({ spec }) => spec.vmId === vmId)?.spec.agent.enabled ?? false,
  };
  const guestOf = async ({ stack, name, spec }: Machine): Promise<Guest> => {
    const address = mainAddress(spec) ?? (spec.agent.enabled ? await agents.address(spec.vmId) : undefined);
    if (address === undefined) throw noAddress(name, spec.vmId);
    return { stack, name, vmId: spec.vmId, address, user: spec.access.user };
  };
  return {
    access,
    agents,
    endpoint: fleet.site.proxmox.endpoint,
    guestOf,
    async withGuest(machine, work, { endsByItself = false } = {}) {
      const connection = await openGuest(await guestOf(machine), access);
      const cut = () => connection.client.destroy();
      if (!endsByItself) interrupt.addEventListener("abort", cut, { once: true });
      try {
        if (interrupt.aborted) cut();
        return await work(connection);
      } catch (error) {
        throw interrupt.aborted && !endsByItself ? interrupted(machine, error) : error;
      } finally {
        interrupt.removeEventListener("abort", cut);
        connection.close();
      }
    },
    close: () => agents.close(),
  };
}

function noAddress(name: string, vmId: number): NixherdError {
  return new NixherdError("SSH_REFUSED", {
    message: `Nobody knows the address of ${name} (${vmId}): its spec has no fixed one, and its agent told none.`,
    hint: "Export PROXMOX_VE_ENDPOINT and PROXMOX_VE_API_TOKEN, so that the agent can be asked, or give it a fixed address.",
  });
}

function interrupted({ name, spec }: Machine, cause: unknown): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: `The connection to ${name} (${spec.vmId}) was cut; a command that was begun there may go on.`,
    hint: "Run the command again.",
    cause,
  });
}
