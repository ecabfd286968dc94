import ssh2, { type Client, type ConnectConfig } from "ssh2";
import type { NixherdError } from "../lib/errors.ts";
import { connectionFailure } from "./connection-failure.ts";
import { describeGuest, type Guest } from "./guest.ts";
import { type HostKey, hostKeyAlgorithms, hostKeyBlob } from "./host-key.ts";
import { type OfferedKeys, offeredKeys } from "./offered-keys.ts";
import { openProxy, type ProxyWay } from "./open-proxy.ts";
import type { SshSettings } from "./read-ssh-settings.ts";

/** A login on a machine. */
export interface GuestConnection {
  readonly guest: Guest;
  readonly client: Client;
  /** Aborts, with the reason as its error, when the connection is lost. */
  readonly lost: AbortSignal;
  close(): void;
}

export interface ConnectOptions {
  readonly settings: SshSettings;
  /** The only key that the machine may show. */
  readonly hostKey: HostKey;
  /** Until the login has succeeded, in milliseconds; 20 seconds by default. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 20_000;
const keepaliveIntervalMs = 5000;
const keepalivesUnanswered = 3;

/**
 * Logs in to a machine with the keys that the user's ssh would offer, directly or over the user's bastions.
 * @throws SSH_REFUSED, HOST_KEY_CHANGED
 */
export async function connect(guest: Guest, options: ConnectOptions): Promise<GuestConnection> {
  const keys = await offeredKeys(options.settings);
  const proxy = openProxy(options.settings);
  const attempt = { guest, options, proxy, keys };
  const client = new ssh2.Client();
  const lost = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let shown: Buffer | undefined;
  const fail = (cause: Error & { level?: string }): void => {
    void failureOf(attempt, cause, shown).then((error) => {
      reject(error);
      lost.abort(error);
    });
  };
  client.once("ready", resolve);
  client.on("error", fail);
  client.once("close", () => fail(new Error("the connection was closed")));
  client.connect({
    ...configOf(attempt),
    hostVerifier: (blob: Buffer) => {
      shown = blob;
      return blob.equals(hostKeyBlob(options.hostKey));
    },
  });
  const close = (): void => {
    client.end();
    proxy?.close();
  };
  await promise.catch((error: unknown) => {
    client.destroy();
    proxy?.close();
    throw error;
  });
  return { guest, client, lost: lost.signal, close };
}

interface Attempt {
  readonly guest: Guest;
  readonly options: ConnectOptions;
  readonly proxy: ProxyWay | undefined;
  readonly keys: OfferedKeys;
}

function configOf({ options: { settings, hostKey, timeoutMs }, proxy, keys }: Attempt): ConnectConfig {
  return {
    ...(proxy === undefined ? { host: settings.host, port: settings.port } : { sock: proxy.stream }),
    username: settings.user,
    authHandler: [...keys.methods],
    readyTimeout: timeoutMs ?? defaultTimeoutMs,
    keepaliveInterval: keepaliveIntervalMs,
    keepaliveCountMax: keepalivesUnanswered,
    // Of several host keys the machine is to show the one that is pinned.
    algorithms: { serverHostKey: [...hostKeyAlgorithms(hostKey)] as never },
  };
}

async function failureOf(
  { guest, options: { settings, hostKey }, proxy, keys }: Attempt,
  cause: Error & { level?: string },
  shown: Buffer | undefined,
): Promise<NixherdError> {
  const place = `${describeGuest(guest)} at ${settings.user}@${settings.host}:${settings.port}`;
  return connectionFailure({
    place,
    hostKey,
    shown,
    cause,
    complaint: (await proxy?.complaint()) ?? "",
    notes: keys.notes,
    offered: keys.methods.length,
  });
}
