import { NixherdError } from "../lib/errors.ts";
import type { GuestConnection } from "./connection.ts";
import { describeGuest, type Guest } from "./guest.ts";
import { type GuestAccess, openGuest } from "./open-guest.ts";
import { type GuestFacts, parseFacts, readFacts } from "./read-facts.ts";
import { askScript, runScript } from "./run-script.ts";

export interface RebootOptions {
  readonly access: GuestAccess;
  /** From the request until the machine has to be back. */
  readonly timeoutMs: number;
  /** Says how it is getting on. */
  readonly tell: (doing: string) => void;
}

/** A restart that was verified. */
export interface RebootResult {
  readonly bootIdBefore: string;
  readonly bootId: string;
  /** Store path of the system that runs now. */
  readonly running: string;
  readonly downMs: number;
  readonly failedUnits: readonly string[];
}

const askTimeoutMs = 15_000;
const connectTimeoutMs = 10_000;
const pauseMs = 500;

/**
 * Restarts a machine and waits until it answers with another boot id and runs the system that its profile had.
 * @throws MACHINE_BUSY while an activation is undecided, MACHINE_NOT_BACK, GUEST_COMMAND_FAILED, SSH_REFUSED
 */
export async function rebootGuest(
  connection: GuestConnection,
  { access, timeoutMs, tell }: RebootOptions,
): Promise<RebootResult> {
  const { guest } = connection;
  const before = await readFacts(connection);
  if (before.isUndecided) throw undecided(guest);
  const startedAtMs = performance.now();
  tell("restarting");
  await requestReboot(connection);
  connection.close();
  const after = await awaitBoot(guest, before, access, { deadlineMs: startedAtMs + timeoutMs, timeoutMs });
  const downMs = Math.round(performance.now() - startedAtMs);
  if (after.running !== before.profile) {
    throw new NixherdError("MACHINE_NOT_BACK", {
      message: `${describeGuest(guest)} came back with ${after.running}, and not with its profile's system ${before.profile}.`,
      hint: "Look at its boot loader; a deploy makes the profile and the boot loader agree again.",
    });
  }
  const { bootId, running, failedUnits } = after;
  return { bootIdBefore: before.bootId, bootId, running, downMs, failedUnits };
}

/** The machine may go down before it has answered: a connection that breaks here is no failure. */
async function requestReboot(connection: GuestConnection): Promise<void> {
  const call = { words: ["reboot_now"], isRoot: true, timeoutMs: askTimeoutMs };
  const refused = await runScript(connection, call).catch((error: unknown) => {
    if (isConnectionLoss(error)) return undefined;
    throw error;
  });
  if (refused === undefined || refused.exitCode === 0 || refused.exitCode === undefined) return;
  throw new NixherdError("GUEST_COMMAND_FAILED", {
    message: `${describeGuest(connection.guest)} refused to restart: ${refused.stderr.text().trim().split("\n").at(-1)}`,
    hint: "A user other than root needs sudo without a password.",
  });
}

async function awaitBoot(
  guest: Guest,
  before: GuestFacts,
  access: GuestAccess,
  { deadlineMs, timeoutMs }: { readonly deadlineMs: number; readonly timeoutMs: number },
): Promise<GuestFacts> {
  let last = "it still runs the boot from before";
  while (performance.now() < deadlineMs) {
    try {
      const facts = await factsOverNewConnection(guest, access);
      if (facts.bootId !== before.bootId) return facts;
    } catch (error) {
      if (!(error instanceof NixherdError) || error.code === "HOST_KEY_CHANGED") throw error;
      last = error.message;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new NixherdError("MACHINE_NOT_BACK", {
    message: `${describeGuest(guest)} did not come back within ${timeoutMs / 1000} s: ${last}`,
    hint: "Look at its console; its boot menu still has the older generations.",
  });
}

async function factsOverNewConnection(guest: Guest, access: GuestAccess): Promise<GuestFacts> {
  const connection = await openGuest(guest, access, connectTimeoutMs);
  try {
    const text = await askScript(connection, { words: ["os_facts"], timeoutMs: askTimeoutMs });
    return parseFacts(text);
  } finally {
    connection.close();
  }
}

function isConnectionLoss(error: unknown): boolean {
  return (
    error instanceof NixherdError && (error.code === "SSH_REFUSED" || error.code === "COMMAND_TIMED_OUT")
  );
}

function undecided(guest: Guest): NixherdError {
  return new NixherdError("MACHINE_BUSY", {
    message: `An activation on ${describeGuest(guest)} is not decided yet, so the machine was not restarted.`,
    hint: "Wait until it is decided (its timer sees to that), then run the command again.",
  });
}
