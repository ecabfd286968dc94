import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import { createKeyPair } from "../../embedded/create-key-pair.ts";
import type { GuestBehaviour } from "../../embedded/guest/guest-behaviour.ts";
import { startGuests } from "../../embedded/guest/start-guests.ts";
import { startPve } from "../../embedded/pve/start-pve.ts";

const quick: GuestBehaviour = {
  bootMs: 50,
  agentMs: 50,
  ignoresShutdown: false,
  neverBoots: false,
  hasAgent: true,
};

/** Configuration of a machine on the laboratory's address. */
const webConfig: Readonly<Record<string, string>> = {
  name: "web-1",
  agent: "1",
  net0: "virtio,bridge=vmbr0",
  ipconfig0: "ip=10.0.20.11/24,gw=10.0.20.1",
};

/** An embedded Proxmox VE with guests, driven through its API. */
export interface LabCluster {
  readonly endpoint: string;
  /** `user@realm!id=uuid` */
  readonly token: string;
  /** A token that may look at everything and change nothing. */
  readonly auditorToken: string;
  /** Clones the golden template to 101, changes its configuration and starts it. */
  createMachine(config?: Readonly<Record<string, string>>): Promise<void>;
  /** POST to a path below machine 101's; resolves when the task has ended. */
  post(path: string, form?: Readonly<Record<string, string>>): Promise<void>;
  /** Machine 101 goes off and on again. */
  restartMachine(): Promise<void>;
  destroyMachine(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the cluster; `folder` becomes what `.nixherd/embedded` is in a repository. */
export async function startLabCluster(folder: string, change: Partial<GuestBehaviour>): Promise<LabCluster> {
  const keyFile = join(folder, "id_ed25519");
  const publicKey = await createKeyPair(keyFile, "lab");
  const behaviour = { ...quick, ...change };
  const guests = await startGuests({ folder, keyFile, publicKey, behaviour: () => behaviour });
  const tokens = [{ id: "root@pam!lab" }, { id: "auditor@pve!lab", role: "PVEAuditor" }];
  const pve = await startPve({ guests: guests.port, tokens, delays: { taskMs: 1 } });
  writeFileSync(join(folder, "ca.pem"), pve.caPem);
  const token = pve.tokens["root@pam!lab"] ?? "";
  const call = apiCaller(pve.endpoint, pve.caPem, token);
  const machine = "/nodes/pve1/qemu/101";
  return {
    endpoint: pve.endpoint,
    token,
    auditorToken: pve.tokens["auditor@pve!lab"] ?? "",
    createMachine: async (config = {}) => {
      await call("POST", "/nodes/pve1/qemu/9000/clone", { newid: "101" });
      await call("POST", `${machine}/config`, { ...webConfig, ...config });
      await call("POST", `${machine}/status/start`);
    },
    post: (path, form) => call("POST", `${machine}${path}`, form),
    restartMachine: async () => {
      await call("POST", `${machine}/status/stop`);
      await call("POST", `${machine}/status/start`);
    },
    destroyMachine: async () => {
      await call("POST", `${machine}/status/stop`);
      await call("DELETE", machine);
    },
    stop: async () => {
      await pve.stop();
      await guests.stop();
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
    const deadline = performance.now() + 10_000;
    let task: unknown;
    do {
      task = await request("GET", `/nodes/${upid.split(":")[1]}/tasks/${encodeURIComponent(upid)}/status`);
      if (performance.now() > deadline) throw new Error(`${method} ${path}: the task does not end`);
    } while ((task as { readonly status: string }).status === "running");
    const { exitstatus } = task as { readonly exitstatus: string };
    if (exitstatus !== "OK") throw new Error(`${method} ${path}: ${exitstatus}`);
  };
}
