import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createKeyPair } from "./create-key-pair.ts";
import { type EmbeddedEnvironment, embeddedEnvironment, shellExports } from "./embedded-environment.ts";
import { embeddedFiles } from "./embedded-files.ts";
import { endLeftovers } from "./end-leftovers.ts";
import { startGuests } from "./guest/start-guests.ts";
import type { RequestRecord } from "./pve/http/answer-request.ts";
import { startPve } from "./pve/start-pve.ts";
import type { Cluster } from "./pve/state/cluster.ts";
import { startProvider } from "./start-provider.ts";

interface EmbeddedOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Port of the API. @default the one it had before its process was killed, else any that is free */
  readonly port?: number | undefined;
  readonly log: (line: string) => void;
  /** Called when a part of the cluster ends by itself; the rest goes on until `stop`. */
  readonly onEnd: (reason: string) => void;
}

/** A running embedded cluster. */
export interface Embedded {
  readonly environment: EmbeddedEnvironment;
  /** The state behind the API, for tests that meddle from outside. */
  readonly cluster: Cluster;
  /** Ends every part and removes the cluster's files. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded cluster in this process: Proxmox VE's API and the insides of its machines, and the Terraform
 * provider in a process of its own. Everything listens on the loopback interface or on a unix socket only. Writes
 * `.nixherd/embedded/` (`env`, `ca.pem`, `ssh_config`, a key pair, the state). A cluster whose process was killed goes on
 * from its state.
 *
 * @throws EMBEDDED_FAILED when the provider does not start, EMBEDDED_PORT_TAKEN, EMBEDDED_STATE_UNREADABLE.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const files = embeddedFiles(options.root);
  // A start that fails keeps the machines that were there before.
  const hadState = existsSync(files.state);
  const stops: (() => Promise<void>)[] = [];
  const end = async (leftover: string): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
    await rm(leftover, { recursive: true, force: true });
  };
  const stop = (): Promise<void> => end(files.folder);
  try {
    await mkdir(files.folder, { recursive: true, mode: 0o700 });
    const publicKey = await createKeyPair(files.key, "nixherd-embedded");
    await endLeftovers(files.folder, options.log);
    const guests = await startGuests({
      folder: files.folder,
      keyFile: files.key,
      publicKey,
      log: options.log,
    });
    stops.push(guests.stop);
    const tokenId = "nixherd@pve!embedded";
    const pve = await startPve({
      stateFile: files.state,
      ...(options.port === undefined ? {} : { port: options.port }),
      guests: guests.port,
      tokens: [{ id: tokenId }],
      onRequest: logFailures(options.log),
    });
    stops.push(pve.stop);
    await writeFile(files.caPem, pve.caPem);
    const { bastionPort } = guests;
    const cluster = { endpoint: pve.endpoint, apiToken: pve.tokens[tokenId] ?? "", bastionPort };
    const provider = await startProvider({
      environment: embeddedEnvironment(files, { ...cluster, reattach: "" }),
      log: options.log,
      onEnd: options.onEnd,
    });
    stops.push(provider.stop);
    const environment = embeddedEnvironment(files, { ...cluster, reattach: provider.reattach });
    await writeFile(files.env, shellExports(environment), { mode: 0o600 });
    return { environment, cluster: pve.cluster, stop };
  } catch (error) {
    await end(hadState ? files.process : files.folder);
    throw error;
  }
}

/** Keeps the log short: it tells of the requests that did not succeed. */
function logFailures(log: (line: string) => void): (record: RequestRecord) => void {
  return ({ method, path, status }) => {
    if (status === 0 || status >= 400) log(`pve: ${method} ${path} ${status}`);
  };
}
