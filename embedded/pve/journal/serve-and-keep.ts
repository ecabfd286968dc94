import { NixherdError } from "../../../lib/errors.ts";
import { type Listening, type ListenOptions, listenHttps } from "../http/listen-https.ts";
import { identityName } from "./former-server.ts";
import { keepState, type StateKeeper } from "./keep-state.ts";

interface ServeOptions extends Omit<ListenOptions, "settle" | "port"> {
  /** undefined takes the former port, or any free one where that is taken. */
  readonly port: number | undefined;
  readonly formerPort: number | undefined;
  /** Absolute path of the file that the state is kept in; undefined keeps nothing. */
  readonly stateFile: string | undefined;
}

async function listen(options: ServeOptions, settle: ListenOptions["settle"]): Promise<Listening> {
  const { port, formerPort = 0 } = options;
  try {
    return await listenHttps({ ...options, settle, port: port ?? formerPort });
  } catch (error) {
    const isTaken = error instanceof NixherdError && error.code === "EMBEDDED_PORT_TAKEN";
    if (!isTaken || port !== undefined || formerPort === 0) throw error;
    return listenHttps({ ...options, settle, port: 0 });
  }
}

/**
 * Serves the API, and keeps the cluster's state if there is a file for it: an answer leaves only when what it tells is
 * written.
 */
export async function serveAndKeep(options: ServeOptions): Promise<Listening> {
  let keeper: StateKeeper | undefined;
  const listening = await listen(options, (isChange) => keeper?.settle(isChange));
  if (options.stateFile === undefined) return listening;
  const identity = { port: listening.port, certificate: options.certificate };
  try {
    keeper = keepState(options.cluster, { file: options.stateFile, extra: { [identityName]: identity } });
  } catch (error) {
    await listening.stop();
    throw error;
  }
  const { stop } = keeper;
  return { port: listening.port, stop: () => listening.stop().finally(stop) };
}
