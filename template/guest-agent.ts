import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxClient } from "../proxmox/client.ts";
import { pathOf } from "./cluster-template.ts";

interface GuestMachine {
  readonly node: string;
  readonly vmId: number;
}

/** What the agent of a machine answers to a question without parameters; undefined while no agent answers. */
export async function askAgent(
  client: ProxmoxClient,
  machine: GuestMachine,
  command: "get-osinfo" | "get-fsinfo" | "network-get-interfaces",
): Promise<unknown> {
  const answer = await unlessSilent(() => client.get(`${pathOf(machine)}/agent/${command}`));
  return (answer as { readonly result?: unknown } | undefined)?.result;
}

/** The text of a file inside a machine; undefined when there is none, or no agent to read it. */
export async function readGuestFile(
  client: ProxmoxClient,
  machine: GuestMachine,
  file: string,
): Promise<string | undefined> {
  const answer = await unlessSilent(() => client.get(`${pathOf(machine)}/agent/file-read`, { file }));
  return (answer as { readonly content?: string } | undefined)?.content;
}

/** A silent agent, a stopped machine and a missing file are answers; a missing right is not. */
async function unlessSilent(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NixherdError && error.code === "PROXMOX_API_FAILED") return undefined;
    throw error;
  }
}
