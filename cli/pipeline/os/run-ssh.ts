import { spawn } from "node:child_process";
import type { Guest } from "../../../guests/guest.ts";
import { knownHostKey } from "../../../guests/open-guest.ts";
import { hostAlias, knownHostsFile } from "../../../guests/pinned-host-key.ts";
import { configOption } from "../../../guests/read-ssh-settings.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { PipelineContext } from "../context.ts";
import { openFleet } from "./open-fleet.ts";
import { openReach } from "./reach.ts";

/**
 * Hands the terminal to the user's own ssh, which accepts the machine's pinned host key only; gives ssh's exit code.
 * @throws USAGE unless the pattern means exactly one machine; HOST_KEY_UNKNOWN, SSH_REFUSED
 */
export async function runSsh(
  { root, interrupt }: PipelineContext,
  pattern: string,
  words: readonly string[],
): Promise<number> {
  const { fleet, machines } = openFleet(root, { patterns: [pattern], stacks: [], nodes: [] });
  const [machine, ...others] = machines;
  if (machine === undefined || others.length > 0) throw tooMany(pattern, machines.length);
  const reach = openReach(fleet, interrupt);
  const guest = await reach.guestOf(machine);
  try {
    await knownHostKey(guest, reach.access);
  } finally {
    await reach.close();
  }
  return handOver([...sshArguments(guest, reach.access.root, reach.access.configFile), ...words]);
}

/** The arguments with which the user's ssh reaches this machine and no other. */
function sshArguments(guest: Guest, root: string, configFile: string | undefined): string[] {
  const file = knownHostsFile({ root, vmId: guest.vmId });
  const options = [
    `HostKeyAlias=${hostAlias(guest.vmId)}`,
    `UserKnownHostsFile="${file}"`,
    "GlobalKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
  ];
  return [
    ...configOption(configFile),
    ...options.flatMap((option) => ["-o", option]),
    "-l",
    guest.user,
    guest.address,
  ];
}

/** Signals of the terminal reach ssh by themselves. */
function handOver(args: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn("ssh", args, { stdio: "inherit" });
  child.once("error", (cause) =>
    reject(
      new NixherdError("COMMAND_NOT_STARTED", {
        message: `ssh could not be started: ${cause.message}`,
        hint: "Install OpenSSH.",
        cause,
      }),
    ),
  );
  child.once("exit", (code) => resolve(code ?? 1));
  return promise;
}

function tooMany(pattern: string, count: number): NixherdError {
  return new NixherdError("USAGE", {
    message: `${pattern} means ${count} machines, and ssh takes one.`,
    hint: "Name it as stack/name or by its VMID.",
  });
}
