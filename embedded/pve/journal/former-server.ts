import type { ServerCertificate } from "../http/create-certificate.ts";
import { type JournalEntry, readJournal } from "./journal-file.ts";
import { extraOf } from "./restore-state.ts";

/** What clients know a server by. */
interface ServerIdentity {
  readonly port: number;
  readonly certificate: ServerCertificate;
}

/** A server that kept its state, and is gone. */
export interface FormerServer {
  readonly identity: ServerIdentity | undefined;
  readonly entries: readonly JournalEntry[];
}

/** Name of the identity among what is kept. It holds the certificate's private key. */
export const identityName = "server";

/**
 * Reads what a former server kept; undefined when there was none.
 *
 * @throws NixherdError EMBEDDED_STATE_UNREADABLE
 */
export function readFormerServer(file: string | undefined): FormerServer | undefined {
  const entries = file === undefined ? undefined : readJournal(file);
  if (entries === undefined) return undefined;
  return { entries, identity: extraOf(entries, identityName) as ServerIdentity | undefined };
}
