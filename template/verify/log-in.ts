import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../../lib/run-command.ts";

/** Where and how to log in. */
export interface LoginRequest {
  readonly vmId: number;
  readonly address: string;
  /** OpenSSH public host key, read through the guest agent. */
  readonly hostKey: string;
  /** Folder of the verification, with the private key in `keyFile`. */
  readonly folder: string;
  readonly keyFile: string;
  /** An ssh configuration in place of the user's own. */
  readonly sshConfig: string | undefined;
  readonly deadlineMs: number;
  readonly interrupt: AbortSignal;
}

const attemptTimeoutMs = 20_000;
const pauseMs = 1_000;

/** Logs in as root with the throw-away key; tries again until the deadline. Gives what was wrong, "" if nothing was. */
export async function logIn(request: LoginRequest): Promise<string> {
  const knownHosts = join(request.folder, `known-hosts-${request.vmId}`);
  await writeFile(knownHosts, `${aliasOf(request)} ${keyOf(request.hostKey)}\n`);
  for (;;) {
    const problem = await attempt(request, knownHosts);
    const isLate = performance.now() + pauseMs > request.deadlineMs;
    if (problem === "" || isLate || request.interrupt.aborted || isFinal(problem)) return problem;
    await sleep(pauseMs);
  }
}

async function attempt(request: LoginRequest, knownHosts: string): Promise<string> {
  const { folder, interrupt, keyFile } = request;
  const { exitCode, stderr } = await runCommand({
    file: "ssh",
    args: sshArguments(request, knownHosts),
    cwd: folder,
    timeoutMs: attemptTimeoutMs,
    interrupt,
  });
  if (exitCode !== 0) return lastWords(stderr);
  // Another key that the machine also accepts would prove nothing about the one that cloud-init was given.
  return acceptedKey(stderr) === keyFile ? "" : "the machine accepted another key than the one it was given";
}

function sshArguments(request: LoginRequest, knownHosts: string): string[] {
  const options = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    PreferredAuthentications: "publickey",
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    HostKeyAlias: aliasOf(request),
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    UpdateHostKeys: "no",
    ControlPath: "none",
  };
  return [
    ...(request.sshConfig === undefined ? [] : ["-F", request.sshConfig]),
    // Tells which key was accepted.
    "-v",
    ...["-i", request.keyFile],
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    `root@${request.address}`,
    "true",
  ];
}

function aliasOf({ vmId }: LoginRequest): string {
  return `nixherd-verify-${vmId}`;
}

/** Type and key, without the comment. */
function keyOf(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(" ");
}

/** A host key that differs does so the next time too. */
function isFinal(problem: string): boolean {
  return problem.includes("Host key verification failed");
}

function acceptedKey(log: string): string | undefined {
  return [...log.matchAll(/Server accepts key: (\S+)/g)].at(-1)?.[1];
}

function lastWords(log: string): string {
  const lines = log.split("\n").map((line) => line.trim());
  return (
    lines.filter((line) => line !== "" && !line.startsWith("debug1:")).at(-1) ?? "ssh failed without a word"
  );
}
