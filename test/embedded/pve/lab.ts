import type { GuestPort } from "../../../embedded/pve/guest-port.ts";
import { withoutGuests } from "../../../embedded/pve/guest-port.ts";
import { type PveOptions, type RunningPve, startPve } from "../../../embedded/pve/start-pve.ts";
import type { Vm } from "../../../embedded/pve/state/vm.ts";
import { type ApiClient, createClient, runTask } from "./api-client.ts";

/** A server for one test file, and the usual ways to talk to it. */
export interface Lab {
  readonly pve: RunningPve;
  /** Talks as an Administrator. */
  readonly admin: ApiClient;
  /** Talks with the token of an id that the server was started with. */
  as(tokenId: string): ApiClient;
  /** Clones the golden template (9000) on pve1. */
  clone(vmid: number, params?: Readonly<Record<string, string | number>>): Promise<Vm>;
  start(vmid: number): Promise<void>;
  config(vmid: number, current?: boolean): Promise<Record<string, unknown>>;
  set(vmid: number, params: Readonly<Record<string, string | number>>): ReturnType<ApiClient>;
}

export const adminToken = "terraform@pve!provider";

/** Starts a server whose tasks take a millisecond and whose lists are always current, unless `options` say otherwise. */
export async function startLab(options: PveOptions = {}): Promise<Lab> {
  const delays = { taskMs: 1, statusRoundMs: 0, ...options.delays };
  const pve = await startPve({ ...options, delays });
  const as = (tokenId: string) => createClient(pve, pve.tokens[tokenId]);
  const admin = as(adminToken);
  const path = (vmid: number) => `/nodes/pve1/qemu/${vmid}`;
  return {
    pve,
    admin,
    as,
    clone: async (vmid, params = {}) => {
      const exit = await runTask(admin, "POST", `${path(9000)}/clone`, { newid: vmid, full: 1, ...params });
      const vm = pve.cluster.vms.get(vmid);
      if (exit !== "OK" || vm === undefined) throw new Error(`clone of ${vmid}: ${exit}`);
      return vm;
    },
    start: async (vmid) => {
      const exit = await runTask(admin, "POST", `${path(vmid)}/status/start`);
      if (exit !== "OK") throw new Error(`start of ${vmid}: ${exit}`);
    },
    config: async (vmid, current = false) => {
      const { data } = await admin("GET", `${path(vmid)}/config`, { params: current ? { current: 1 } : {} });
      return data as Record<string, unknown>;
    },
    set: (vmid, params) => admin("PUT", `${path(vmid)}/config`, { params }),
  };
}

/** Guests that do nothing but what `behaviour` says. */
export function guestsThat(behaviour: Partial<GuestPort>): GuestPort {
  return { ...withoutGuests, ...behaviour };
}
