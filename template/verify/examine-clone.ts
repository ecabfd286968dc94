import { setTimeout as sleep } from "node:timers/promises";
import type { ProxmoxClient } from "../../proxmox/client.ts";
import { askAgent, readGuestFile } from "../guest-agent.ts";
import { markerPath, parseMarker } from "../template-marker.ts";
import type { CloneFacts } from "./judge-machines.ts";
import { logIn } from "./log-in.ts";
import type { ThrowAway } from "./throw-away.ts";

export interface ExamineOptions {
  readonly folder: string;
  readonly keyFile: string;
  readonly sshConfig: string | undefined;
  /** Until when, by `performance.now()`, everything must have happened. */
  readonly deadlineMs: number;
  readonly templateDiskBytes: number;
  readonly interrupt: AbortSignal;
}

const pauseMs = 500;
const hostKeyFile = "/etc/ssh/ssh_host_ed25519_key.pub";

/** Waits until a clone is up, and gathers what it shows. What does not come before the deadline is left out. */
export async function examineClone(
  client: ProxmoxClient,
  machine: ThrowAway,
  options: ExamineOptions,
): Promise<CloneFacts> {
  const until = <T>(ask: () => Promise<T | undefined>) => untilGiven(ask, options);
  const read = (file: string) => readGuestFile(client, machine, file);
  const osInfo = await until(() => askAgent(client, machine, "get-osinfo"));
  // Without an agent there is nothing else to wait for.
  const cloudInitResult =
    osInfo === undefined ? undefined : await until(() => read("/run/cloud-init/result.json"));
  const hostKey = osInfo === undefined ? undefined : await until(() => read(hostKeyFile));
  return {
    vmId: machine.vmId,
    osId: (osInfo as { readonly id?: string } | undefined)?.id,
    marker: parseMarker(await read(markerPath)),
    cloudInitResult,
    rootBytes: rootBytesOf(await askAgent(client, machine, "get-fsinfo")),
    templateDiskBytes: options.templateDiskBytes,
    machineId: (await read("/etc/machine-id"))?.trim(),
    hostKey: hostKey?.trim(),
    loginProblem: await tryLogin(client, machine, hostKey, options),
  };
}

async function tryLogin(
  client: ProxmoxClient,
  machine: ThrowAway,
  hostKey: string | undefined,
  options: ExamineOptions,
): Promise<string> {
  if (hostKey === undefined) return "its host key is unknown, so nobody logged in";
  const address = await untilGiven(
    async () => addressOf(await askAgent(client, machine, "network-get-interfaces")),
    options,
  );
  if (address === undefined) return "it has no address";
  return logIn({ ...options, vmId: machine.vmId, address, hostKey });
}

async function untilGiven<T>(
  ask: () => Promise<T | undefined>,
  { deadlineMs, interrupt }: ExamineOptions,
): Promise<T | undefined> {
  for (;;) {
    const given = await ask();
    if (given !== undefined || interrupt.aborted || performance.now() + pauseMs > deadlineMs) return given;
    await sleep(pauseMs);
  }
}

interface FileSystem {
  readonly mountpoint: string;
  readonly "total-bytes"?: number;
}

function rootBytesOf(fileSystems: unknown): number | undefined {
  if (!Array.isArray(fileSystems)) return undefined;
  return (fileSystems as FileSystem[]).find(({ mountpoint }) => mountpoint === "/")?.["total-bytes"];
}

interface Interface {
  readonly name: string;
  readonly "ip-addresses"?: readonly { readonly "ip-address": string; readonly "ip-address-type": string }[];
}

/** IPv4 first; never loopback or link-local. */
function addressOf(interfaces: unknown): string | undefined {
  if (!Array.isArray(interfaces)) return undefined;
  const addresses = (interfaces as Interface[])
    .filter(({ name }) => name !== "lo")
    .flatMap((each) => each["ip-addresses"] ?? []);
  const [ipv4, ipv6] = ["ipv4", "ipv6"].map((type) =>
    addresses.find(
      (each) => each["ip-address-type"] === type && !/^(?:127\.|169\.254\.|fe80:)/.test(each["ip-address"]),
    ),
  );
  return (ipv4 ?? ipv6)?.["ip-address"];
}
