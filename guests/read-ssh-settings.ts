import { homedir, userInfo } from "node:os";
import { NixherdError } from "../lib/errors.ts";
import { runCommand } from "../lib/run-command.ts";
import { describeGuest, type Guest } from "./guest.ts";

/** What the user's ssh would do to reach a machine. */
export interface SshSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Private key files in the order in which they are tried; they need not exist. */
  readonly identityFiles: readonly string[];
  /** Socket of the agent; undefined if none is to be asked. */
  readonly agentSocket: string | undefined;
  /** Of the agent's keys, only those of identityFiles may be tried. */
  readonly isIdentitiesOnly: boolean;
  /** Bastions in the order of the way, as ssh writes them. */
  readonly jumps: readonly string[];
  /** A shell command whose input and output are the connection. */
  readonly proxyCommand: string | undefined;
  /** Configuration file that was read instead of the user's own. */
  readonly configFile: string | undefined;
}

const timeoutMs = 15_000;

/**
 * Asks `ssh -G`, which connects to nobody, what the user's configuration says about a machine.
 * @throws SSH_REFUSED when ssh refuses its configuration, COMMAND_NOT_STARTED without ssh
 */
export async function readSshSettings(guest: Guest, configFile: string | undefined): Promise<SshSettings> {
  const result = await runCommand({
    file: "ssh",
    args: [...configOption(configFile), "-G", "-l", guest.user, "--", guest.address],
    cwd: process.cwd(),
    timeoutMs,
  });
  if (result.exitCode === 0) return parseSettings(result.stdout, configFile);
  throw new NixherdError("SSH_REFUSED", {
    message: `ssh refuses its configuration for ${describeGuest(guest)}: ${result.stderr.trim().split("\n").at(-1)}`,
    hint: "Correct NIXHERD_SSH_CONFIG or your ssh configuration; nothing was begun on the machine.",
  });
}

/** The option that has ssh read this file instead of the user's own. */
export function configOption(configFile: string | undefined): string[] {
  return configFile === undefined ? [] : ["-F", configFile];
}

/** Reads what `ssh -G` printed: lines of a key in lower case and its value (OpenSSH 9, ssh_config(5)). */
function parseSettings(text: string, configFile: string | undefined): SshSettings {
  const values = Map.groupBy(text.split("\n"), (line) => line.split(" ", 1)[0] ?? "");
  const all = (key: string) => (values.get(key) ?? []).map((line) => line.slice(key.length + 1).trim());
  const one = (key: string) => all(key).find((value) => value !== "none");
  const settings = { host: one("hostname") ?? "", port: Number(one("port") ?? 22), user: one("user") ?? "" };
  return {
    ...settings,
    identityFiles: all("identityfile")
      .filter((file) => file !== "none")
      .map((file) => expand(file, settings)),
    agentSocket: agentSocket(all("identityagent")[0], settings),
    isIdentitiesOnly: one("identitiesonly") === "yes",
    jumps: one("proxyjump")?.split(",") ?? [],
    proxyCommand: one("proxycommand"),
    configFile,
  };
}

type Place = Pick<SshSettings, "host" | "port" | "user">;

function agentSocket(configured: string | undefined, place: Place): string | undefined {
  if (configured === "none") return undefined;
  const named = configured === undefined || configured === "SSH_AUTH_SOCK" ? "$SSH_AUTH_SOCK" : configured;
  const path = named.startsWith("$") ? process.env[named.slice(1)] : expand(named, place);
  return path || undefined;
}

/** Fills in what ssh leaves to the moment of use: `~` and the tokens of ssh_config(5) that files and commands know. */
export function expand(text: string, { host, port, user }: Place): string {
  const tokens: Readonly<Record<string, string>> = {
    "%": "%",
    d: homedir(),
    h: host,
    n: host,
    p: String(port),
    r: user,
    u: userInfo().username,
  };
  const filled = text.replace(/%([%a-zA-Z])/g, (whole, letter: string) => tokens[letter] ?? whole);
  return filled.replace(/^~(?=\/|$)/, homedir());
}
