import { runCommand } from "../../../lib/run-command.ts";
import { asNixherdError } from "../as-nixherd-error.ts";

const notifyTimeoutMs = 5000;

/** Tells systemd about the service; does nothing where no systemd asks. */
export interface SystemdNotifier {
  /** Lines such as "READY=1" and "STATUS=...". */
  notify(...lines: readonly string[]): Promise<void>;
  stop(): void;
}

/**
 * Speaks to systemd by `systemd-notify`: Node has no datagram sockets of the kind that NOTIFY_SOCKET is, and the
 * packages that add them are unkept native code. The unit needs NotifyAccess=all for it. With WATCHDOG_USEC set, a sign
 * of life goes out twice in that time.
 */
export function openSystemdNotifier(
  env: Readonly<NodeJS.ProcessEnv>,
  onError: (text: string) => void,
): SystemdNotifier {
  if (env["NOTIFY_SOCKET"] === undefined) return { notify: () => Promise.resolve(), stop: () => undefined };
  let hasFailed = false;
  const fail = (text: string): void => {
    if (!hasFailed) onError(`systemd could not be told (told once): ${text}`);
    hasFailed = true;
  };
  const notify = async (...lines: readonly string[]): Promise<void> => {
    const command = { file: "systemd-notify", args: lines, cwd: "/", timeoutMs: notifyTimeoutMs };
    try {
      const { exitCode, stderr } = await runCommand(command);
      if (exitCode !== 0) fail(stderr.trim());
    } catch (error) {
      fail(asNixherdError(error).message);
    }
  };
  const watchdogMs = Number(env["WATCHDOG_USEC"] ?? 0) / 1000;
  const timer = watchdogMs > 0 ? setInterval(() => void notify("WATCHDOG=1"), watchdogMs / 2) : undefined;
  return { notify, stop: () => clearInterval(timer) };
}
