import { NixherdError } from "../lib/errors.ts";
import { connect, type GuestConnection } from "./connection.ts";
import { describeGuest, type Guest } from "./guest.ts";
import type { HostKey } from "./host-key.ts";
import { pinHostKey, pinnedHostKey } from "./pinned-host-key.ts";
import { readSshSettings } from "./read-ssh-settings.ts";

/** How the machines of a repository are reached. */
export interface GuestAccess {
  /** Absolute path of the repository. */
  readonly root: string;
  /** An ssh configuration file instead of the user's own (NIXHERD_SSH_CONFIG). */
  readonly configFile: string | undefined;
  /** Asks a machine's guest agent for its host key, past the network; undefined if it does not tell. */
  readonly askAgent: (vmId: number) => Promise<HostKey | undefined>;
  /** Does the spec say that the machine has a guest agent? */
  readonly hasAgent: (vmId: number) => boolean;
}

/**
 * Logs in to a machine whose host key is known: pinned by an earlier deploy, or told by its guest agent. No key is ever
 * accepted because it is the first one.
 * @throws HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, SSH_REFUSED
 */
export async function openGuest(
  guest: Guest,
  access: GuestAccess,
  timeoutMs?: number,
): Promise<GuestConnection> {
  const settings = await readSshSettings(guest, access.configFile);
  const hostKey = await knownHostKey(guest, access);
  const options = { settings, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  try {
    return await connect(guest, { ...options, hostKey });
  } catch (error) {
    const renewed = await renewedKey(error, guest, access, hostKey);
    if (renewed === undefined) throw error;
    return connect(guest, { ...options, hostKey: renewed });
  }
}

/**
 * The key that this machine has to show.
 * @throws HOST_KEY_UNKNOWN
 */
export async function knownHostKey(guest: Guest, access: GuestAccess): Promise<HostKey> {
  const { vmId } = guest;
  const places = { root: access.root, vmId };
  const hasAgent = access.hasAgent(vmId);
  const pinned = await pinnedHostKey(places, hasAgent);
  if (pinned !== undefined) {
    if (!hasAgent) await pinHostKey(places, pinned);
    return pinned;
  }
  const told = hasAgent ? await access.askAgent(vmId) : undefined;
  if (told === undefined) throw unknownKey(guest, hasAgent);
  await pinHostKey(places, told);
  return told;
}

/** A machine that was made anew has another key; only its agent can tell that it is still ours. */
async function renewedKey(
  error: unknown,
  { vmId }: Guest,
  access: GuestAccess,
  before: HostKey,
): Promise<HostKey | undefined> {
  if (!(error instanceof NixherdError) || error.code !== "HOST_KEY_CHANGED" || !access.hasAgent(vmId)) {
    return undefined;
  }
  const told = await access.askAgent(vmId);
  if (told === undefined || told === before) return undefined;
  await pinHostKey({ root: access.root, vmId }, told);
  return told;
}

function unknownKey(guest: Guest, hasAgent: boolean): NixherdError {
  return new NixherdError("HOST_KEY_UNKNOWN", {
    message: `The SSH host key of ${describeGuest(guest)} is not known here, so nobody can tell whether it is that machine that answers.`,
    hint: hasAgent
      ? "Export PROXMOX_VE_ENDPOINT and PROXMOX_VE_API_TOKEN, so that its guest agent can be asked, or deploy the machine."
      : `Deploy the machine once and commit vm-specs/_host-keys/${guest.vmId}.pub.`,
  });
}
