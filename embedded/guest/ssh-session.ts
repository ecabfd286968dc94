import type { ServerChannel, Session } from "ssh2";
import { signalGroup } from "./machine-processes.ts";
import { openSftp } from "./sftp-session.ts";
import { spawnInside } from "./spawn-inside.ts";

interface SessionOptions {
  readonly root: string;
  readonly user: string;
  readonly log: (line: string) => void;
  /** Whether the machine has left whoever asked, as it restarts or hangs. */
  readonly isGone: () => boolean;
}

/** Serves one SSH session of a machine: a command, a script on standard input, or files by SFTP. */
export function openSession(session: Session, options: SessionOptions): void {
  session.on("env", (_accept, reject) => reject?.());
  session.on("pty", (accept) => accept());
  session.on("exec", (accept, _reject, info) => runCommand(accept(), ["-c", info.command], options));
  session.on("sftp", (accept) => openSftp(accept(), options));
  session.on("shell", (accept) => runCommand(accept(), ["-s"], options));
}

function runCommand(
  channel: ServerChannel,
  shellArguments: readonly string[],
  options: SessionOptions,
): void {
  const child = spawnInside(options.root, options.user, "bash", shellArguments);
  // A restart ends what it finds; a command that came too late for that ends itself.
  if (options.isGone()) signalGroup(child.pid ?? 0, "SIGKILL", options.log);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // The command may end before it has read all that the client sends.
  child.stdin.on("error", (error) => options.log(`standard input of a command: ${error.message}`));
  child.on("error", (error) => options.log(`a command did not start: ${error.message}`));
  child.on("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.replace(/^SIG/, ""), false, "");
    channel.end();
  });
  channel.on("close", () => {
    // The client is gone: the command gets what a lost terminal gives it.
    if (child.exitCode === null) signalGroup(child.pid ?? 0, "SIGHUP", options.log);
  });
}
