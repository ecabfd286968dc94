import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import { createKeyPair } from "../../embedded/create-key-pair.ts";
import type { GuestBehaviour } from "../../embedded/guest/guest-behaviour.ts";
import { type Guests, startGuests } from "../../embedded/guest/start-guests.ts";
import type { GuestMachine } from "../../embedded/pve/guest-port.ts";
import { startPve } from "../../embedded/pve/start-pve.ts";

const quick: GuestBehaviour = {
  bootMs: 50,
  agentMs: 50,
  ignoresShutdown: false,
  neverBoots: false,
  hasAgent: true,
};

/** An embedded Proxmox VE with guests, driven through its API. */
export interface LabCluster {
  readonly endpoint: string;
  /** `user@realm!id=uuid` */
  readonly token: string;
  /** A token that may look at everything and change nothing. */
  readonly auditorToken: string;
  /** What `.nixherd/embedded` is in a repository. */
  readonly folder: string;
  /** The driver of one machine, which `change` makes behave otherwise. */
  machine(vmId: number, change: Partial<GuestBehaviour>): LabMachine;
  stop(): Promise<void>;
}

/** One machine of the cluster, at 10.0.20.<vmId - 90>. */
export interface LabMachine {
  readonly address: string;
  /** The folder that stands for its `/`. */
  readonly root: string;
  /** Clones the golden template, changes the clone's configuration and starts it. */
  create(config?: Readonly<Record<string, string>>): Promise<void>;
  /** POST to a path below the machine's; resolves when the task has ended. */
  post(path: string, form?: Readonly<Record<string, string>>): Promise<void>;
  /** Off and on again. */
  restart(): Promise<void>;
  destroy(): Promise<void>;
}

/** Starts the cluster in a folder; what runs inside its machines are embedded guests, or what `start` starts. */
export async function startLabCluster(
  folder: string,
  start: (options: Parameters<typeof startGuests>[0]) => Promise<Pick<Guests, "port" | "stop">> = startGuests,
): Promise<LabCluster> {
  const keyFile = join(folder, "id_ed25519");
  const publicKey = await createKeyPair(keyFile, "lab");
  const behaviours = new Map<number, GuestBehaviour>();
  const behaviour = ({ vmid }: GuestMachine): GuestBehaviour => behaviours.get(vmid) ?? quick;
  const guests = await start({ folder, keyFile, publicKey, behaviour });
  const tokens = [{ id: "root@pam!lab" }, { id: "auditor@pve!lab", role: "PVEAuditor" }];
  const pve = await startPve({ guests: guests.port, tokens, delays: { taskMs: 1 } });
  writeFileSync(join(folder, "ca.pem"), pve.caPem);
  const token = pve.tokens["root@pam!lab"] ?? "";
  const call = apiCaller(pve.endpoint, pve.caPem, token);
  return {
    endpoint: pve.endpoint,
    token,
    auditorToken: pve.tokens["auditor@pve!lab"] ?? "",
    folder,
    machine: (vmId, change) => {
      behaviours.set(vmId, { ...quick, ...change });
      return driveMachine(vmId, join(folder, "machines", String(vmId)), call);
    },
    stop: async () => {
      await pve.stop();
      await guests.stop();
    },
  };
}

function driveMachine(vmId: number, root: string, call: Call): LabMachine {
  const path = `/nodes/pve1/qemu/${vmId}`;
  const address = `10.0.20.${vmId - 90}`;
  const config = {
    name: `web-${vmId - 100}`,
    agent: "1",
    net0: "virtio,bridge=vmbr0",
    ipconfig0: `ip=${address}/24,gw=10.0.20.1`,
  };
  return {
    address,
    root,
    create: async (change = {}) => {
      await call("POST", "/nodes/pve1/qemu/9000/clone", { newid: String(vmId) });
      await call("POST", `${path}/config`, { ...config, ...change });
      await call("POST", `${path}/status/start`);
    },
    post: (below, form) => call("POST", `${path}${below}`, form),
    restart: async () => {
      await call("POST", `${path}/status/stop`);
      await call("POST", `${path}/status/start`);
    },
    destroy: async () => {
      await call("POST", `${path}/status/stop`);
      await call("DELETE", path);
    },
  };
}

type Call = (method: string, path: string, form?: Readonly<Record<string, string>>) => Promise<void>;

function apiCaller(endpoint: string, ca: string, token: string): Call {
  const dispatcher = new Agent({ connect: { ca } });
  const request = async (
    method: string,
    path: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<unknown> => {
    const body = form === undefined ? null : new URLSearchParams(form);
    const headers = { authorization: `PVEAPIToken=${token}` };
    const response = await fetch(new URL(`api2/json${path}`, endpoint), {
      dispatcher,
      method,
      headers,
      body,
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${response.statusText}`);
    return ((await response.json()) as { readonly data: unknown }).data;
  };
  return async (method, path, form) => {
    const upid = await request(method, path, form);
    if (typeof upid !== "string" || !upid.startsWith("UPID:")) return;
    const deadline = performance.now() + 30_000;
    let task: unknown;
    do {
      task = await request("GET", `/nodes/${upid.split(":")[1]}/tasks/${encodeURIComponent(upid)}/status`);
      if (performance.now() > deadline) throw new Error(`${method} ${path}: the task does not end`);
    } while ((task as { readonly status: string }).status === "running");
    const { exitstatus } = task as { readonly exitstatus: string };
    if (exitstatus !== "OK") throw new Error(`${method} ${path}: ${exitstatus}`);
  };
}
