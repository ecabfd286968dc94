import { readFile } from "node:fs/promises";
import ssh2, { type AnyAuthMethod, type BaseAgent, type ParsedKey } from "ssh2";
import type { SshSettings } from "./read-ssh-settings.ts";

/** What a login offers, in ssh's order, and why some keys are not among it. */
export interface OfferedKeys {
  readonly methods: readonly AnyAuthMethod[];
  /** A sentence each about key files that cannot be used. */
  readonly notes: readonly string[];
}

/** Collects the agent's keys and the key files that the settings name. Files that do not exist are left out, as by ssh. */
export async function offeredKeys(settings: SshSettings): Promise<OfferedKeys> {
  const files = await Promise.all(settings.identityFiles.map(readIdentity));
  const { user, agentSocket, isIdentitiesOnly } = settings;
  const named = files.flatMap(({ publicKey }) => publicKey ?? []);
  const agent: AnyAuthMethod[] =
    agentSocket === undefined
      ? []
      : [{ type: "agent", username: user, agent: namedFirst(agentSocket, named, isIdentitiesOnly) }];
  const own = files.flatMap(({ privateKey }): AnyAuthMethod[] =>
    privateKey === undefined ? [] : [{ type: "publickey", username: user, key: privateKey }],
  );
  return { methods: [...agent, ...own], notes: files.flatMap(({ note }) => note ?? []) };
}

interface Identity {
  readonly publicKey?: Buffer;
  readonly privateKey?: ParsedKey;
  readonly note?: string;
}

async function readIdentity(file: string): Promise<Identity> {
  const text = await readIfThere(file);
  const publicKey = parseOne(await readIfThere(`${file}.pub`))?.getPublicSSH();
  const known = publicKey === undefined ? {} : { publicKey };
  if (text === undefined) return known;
  const key = parseOne(text);
  if (key?.isPrivateKey()) return { publicKey: key.getPublicSSH(), privateKey: key };
  // A public key as identity names one of the agent's.
  if (key !== undefined) return { publicKey: key.getPublicSSH() };
  return { ...known, note: `${file} has a passphrase or a form that only ssh-agent can use: ssh-add it` };
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return undefined;
    throw error;
  });
}

function parseOne(text: string | undefined): ParsedKey | undefined {
  const key = text === undefined ? undefined : ssh2.utils.parseKey(text);
  return key === undefined || key instanceof Error ? undefined : key;
}

/**
 * The agent, which tells of the named keys first, as ssh does, since a server lets nobody try many; with `isOnly`, of
 * them alone.
 */
function namedFirst(socket: string, named: readonly Buffer[], isOnly: boolean): BaseAgent {
  const agent = ssh2.createAgent(socket);
  const getIdentities = agent.getIdentities.bind(agent);
  agent.getIdentities = (callback) =>
    getIdentities((error, keys) => {
      const { yes = [], no = [] } = Object.groupBy(keys ?? [], (key) => (isNamed(key, named) ? "yes" : "no"));
      callback(error, isOnly ? yes : [...yes, ...no]);
    });
  return agent;
}

function isNamed(key: unknown, named: readonly Buffer[]): boolean {
  const blob = Buffer.isBuffer(key) ? key : publicBlob(key);
  return blob !== undefined && named.some((one) => one.equals(blob));
}

function publicBlob(key: unknown): Buffer | undefined {
  if (typeof key !== "object" || key === null || !("getPublicSSH" in key)) return undefined;
  return (key as ParsedKey).getPublicSSH();
}
