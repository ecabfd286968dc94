import { NixherdError } from "../lib/errors.ts";
import { fingerprint, type HostKey, hostKeyBlob } from "./host-key.ts";

interface ConnectionFailure {
  /** Machine, user, host and port. */
  readonly place: string;
  readonly hostKey: HostKey;
  /** The key that the machine showed, if it came that far. */
  readonly shown: Buffer | undefined;
  /** What ssh2 says; its level tells how far it came. */
  readonly cause: Error & { readonly level?: string };
  /** What a bastion or ProxyCommand said. */
  readonly complaint: string;
  /** Why some of the user's keys were not offered. */
  readonly notes: readonly string[];
  /** Keys and agents that were offered. */
  readonly offered: number;
}

/** The error for a login that failed, or a connection that was lost: SSH_REFUSED or HOST_KEY_CHANGED. */
export function connectionFailure(failure: ConnectionFailure): NixherdError {
  const { place, hostKey, shown, cause, complaint } = failure;
  const expected = hostKeyBlob(hostKey);
  if (shown !== undefined && !shown.equals(expected)) {
    return new NixherdError("HOST_KEY_CHANGED", {
      message: `${place} shows the host key ${fingerprint(shown)}, but the one of this machine is ${fingerprint(expected)}.`,
      hint: "Find out who answers at that address. If you made the machine anew, deploy it: that pins its new key.",
      cause,
    });
  }
  if (cause.level === "client-authentication") return loginRefused(failure);
  const words = [withoutEnd(cause.message), ...(complaint === "" ? [] : [complaint])].join("; ");
  return new NixherdError("SSH_REFUSED", {
    message: `${place} cannot be reached: ${words}.`,
    hint:
      complaint === ""
        ? "Check that the machine runs, its address, and that its firewall lets SSH in from here."
        : "Check that you can log in to the bastion, or run the ProxyCommand of your ssh configuration by hand.",
    cause,
  });
}

function loginRefused({ place, notes, offered, cause }: ConnectionFailure): NixherdError {
  const unusable = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return new NixherdError("SSH_REFUSED", {
    message:
      offered === 0
        ? `There is no key to log in to ${place} with${unusable}.`
        : `${place} refuses the login with every key that was offered${unusable}.`,
    hint: "Check access.user and access.sshKeys of the spec, and that ssh-agent or IdentityFile has a private key that fits.",
    cause,
  });
}

function withoutEnd(text: string): string {
  return text.replace(/\.$/, "");
}
