import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { configOption, expand, type SshSettings } from "./read-ssh-settings.ts";

/** A way to a machine that leads over other programs. */
export interface ProxyWay {
  /** Carries the connection. */
  readonly stream: Duplex;
  /** What the program complained of, at most its last lines; "" if nothing. It gets a moment to end before. */
  complaint(): Promise<string>;
  close(): void;
}

const mostComplaintChars = 2000;
const lastWordsMs = 1000;

/**
 * Opens the way over bastions (`ssh -W`, which checks their keys by the user's own known_hosts) or the user's
 * ProxyCommand. Undefined where the machine is reached directly.
 */
export function openProxy(settings: SshSettings): ProxyWay | undefined {
  const { jumps, proxyCommand } = settings;
  if (jumps.length > 0) return proxyOf(spawn("ssh", jumpArguments(settings), { stdio: "pipe" }));
  if (proxyCommand === undefined) return undefined;
  return proxyOf(spawn("sh", ["-c", `exec ${expand(proxyCommand, settings)}`], { stdio: "pipe" }));
}

/** The arguments with which ssh connects its input and output to the machine's SSH port, seen from the last bastion. */
function jumpArguments({ jumps, host, port, configFile }: SshSettings): string[] {
  const last = jumps.at(-1) ?? "";
  const earlier = jumps.slice(0, -1);
  const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return [
    ...configOption(configFile),
    ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5"],
    ...(earlier.length === 0 ? [] : ["-J", earlier.join(",")]),
    ...["-W", target, "--", last.startsWith("ssh://") ? last : `ssh://${last}`],
  ];
}

function proxyOf(child: ChildProcess): ProxyWay {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("a proxy has no pipes");
  let words = "";
  stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words = (words + chunk).slice(-mostComplaintChars);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stream = Duplex.from({ readable: stdout, writable: stdin });
  child.once("error", (error) => {
    words += error.message;
    stream.destroy(error);
  });
  return {
    stream,
    async complaint() {
      const moment = Promise.withResolvers<void>();
      const timer = setTimeout(moment.resolve, lastWordsMs);
      await Promise.race([ended, moment.promise]);
      clearTimeout(timer);
      return words.trim();
    },
    close: () => {
      stream.destroy();
      child.kill();
    },
  };
}
