import type { ApiClient, Parameters } from "./api-client.ts";
import { ApiError, inContext } from "./api-error.ts";
import { type Deadline, isDeadlineExceeded } from "./deadline.ts";
import { expectData, noData } from "./expect-data.ts";
import { isTransient, poll, type RetryOptions, retry } from "./retry.ts";
import { type TaskResult, waitForTask } from "./tasks.ts";

/** The running state of a VM. */
interface VmStatus {
  readonly status: string;
  readonly lock?: string;
  readonly name?: string;
  readonly tags?: string;
}

/** A network interface as the guest agent reports it. */
export interface GuestInterface {
  readonly name?: string;
  readonly "hardware-address"?: string;
  readonly "ip-addresses"?: readonly { readonly "ip-address": string; readonly "ip-address-type": string }[];
}

/** A VM's configuration as the server stores it. */
export type VmConfig = Readonly<Record<string, unknown>>;

/** The calls about one VM on one node. Failures have the real provider's texts. */
export interface VmApi {
  readonly vmid: number;
  readonly node: string;
  readonly config: (deadline: Deadline) => Promise<VmConfig>;
  readonly status: (deadline: Deadline) => Promise<VmStatus>;
  readonly update: (parameters: Parameters, deadline: Deadline) => Promise<void>;
  readonly clone: (parameters: Parameters, attempts: number, deadline: Deadline) => Promise<TaskResult>;
  readonly create: (parameters: Parameters, deadline: Deadline) => Promise<TaskResult>;
  readonly migrate: (parameters: Parameters, deadline: Deadline) => Promise<TaskResult>;
  readonly moveDisk: (parameters: Parameters, deadline: Deadline) => Promise<TaskResult>;
  readonly resize: (disk: string, sizeBytes: number, deadline: Deadline) => Promise<TaskResult>;
  readonly toTemplate: (deadline: Deadline) => Promise<TaskResult>;
  readonly start: (timeoutSeconds: number, deadline: Deadline) => Promise<TaskResult>;
  readonly shutdown: (timeoutSeconds: number, deadline: Deadline) => Promise<TaskResult>;
  readonly stop: (deadline: Deadline) => Promise<TaskResult>;
  readonly reboot: (timeoutSeconds: number, deadline: Deadline) => Promise<TaskResult>;
  readonly remove: (options: RemoveOptions, deadline: Deadline) => Promise<TaskResult>;
  readonly rebuildCloudInit: (deadline: Deadline) => Promise<void>;
  readonly pingAgent: (deadline: Deadline) => Promise<void>;
  readonly guestInterfaces: (deadline: Deadline) => Promise<readonly GuestInterface[]>;
  readonly waitForStatus: (status: string, deadline: Deadline) => Promise<void>;
  readonly waitForUnlock: (deadline: Deadline) => Promise<void>;
}

interface RemoveOptions {
  readonly purge: boolean;
  readonly unreferencedDisks: boolean;
}

/** The calls about a VM. Public source: bpg/proxmox 0.111.1, proxmox/nodes/vms. */
export function createVmApi(api: ApiClient, node: string, vmid: number): VmApi {
  const base = `nodes/${encodeURIComponent(node)}/qemu/${vmid}`;
  const post = (what: string, leaf: string, parameters: Parameters, deadline: Deadline): Promise<string> =>
    startTask(what, () => api.request("POST", `${base}/${leaf}`, deadline, parameters));
  const runTask = async (
    what: string,
    leaf: string,
    parameters: Parameters,
    deadline: Deadline,
  ): Promise<TaskResult> => {
    const upid = await attempt(() => post(what, leaf, parameters, deadline));
    return typeof upid === "string" ? waitForTask(api, upid, deadline) : { error: upid, warnings: [] };
  };
  const status = (deadline: Deadline): Promise<VmStatus> =>
    inContext("error retrieving VM status", async () => {
      const data = await api.request("GET", `${base}/status/current`, deadline);
      return expectData(data) as VmStatus;
    });
  const vm: VmApi = {
    vmid,
    node,
    status,
    config: (deadline) =>
      inContext(`error retrieving VM ${vmid}`, async () => {
        const data = await api.request("GET", `${base}/config`, deadline);
        return expectData(data) as VmConfig;
      }),
    update: async (parameters, deadline) => {
      const retryIf = (error: Error): boolean => error.message.includes("got timeout");
      await retry({ attempts: 3, basePauseMs: 1000, retryIf }, deadline, () =>
        api.request("PUT", `${base}/config`, deadline, parameters),
      );
    },
    clone: (parameters, attempts, deadline) =>
      retryTask(api, { attempts: Math.max(attempts, 1), basePauseMs: 10_000, ...takesOver }, deadline, () =>
        post("cloning VM", "clone", parameters, deadline),
      ),
    create: (parameters, deadline) =>
      retryTask(api, { attempts: 3, basePauseMs: 1000, ...takesOver }, deadline, () =>
        startTask("creating VM", () =>
          api.request("POST", `nodes/${encodeURIComponent(node)}/qemu`, deadline, parameters),
        ),
      ),
    migrate: (parameters, deadline) => runTask("migrating VM", "migrate", parameters, deadline),
    moveDisk: async (parameters, deadline) => {
      const result = await runTask("moving VM disk", "move_disk", parameters, deadline);
      const isThere = result.error?.message.includes("you can't move to the same storage with same format");
      return isThere === true ? { warnings: [] } : result;
    },
    resize: (disk, sizeBytes, deadline) => resizeDisk(api, base, disk, sizeBytes, deadline),
    toTemplate: async (deadline) => {
      const data = await inContext(`error converting VM ${vmid} to template`, () =>
        api.request("POST", `${base}/template`, deadline),
      );
      return typeof data === "string" ? waitForTask(api, data, deadline) : { warnings: [] };
    },
    start: (timeoutSeconds, deadline) => startVm(api, base, timeoutSeconds, deadline),
    shutdown: (timeoutSeconds, deadline) =>
      runTask(
        "shutting down VM",
        "status/shutdown",
        { forceStop: "1", timeout: `${timeoutSeconds}` },
        deadline,
      ),
    stop: (deadline) => runTask("stopping VM", "status/stop", {}, deadline),
    reboot: (timeoutSeconds, deadline) =>
      runTask("rebooting VM", "status/reboot", { timeout: `${timeoutSeconds}` }, deadline),
    remove: ({ purge, unreferencedDisks }, deadline) => {
      const query = `?destroy-unreferenced-disks=${unreferencedDisks ? 1 : 0}&purge=${purge ? 1 : 0}`;
      const retryIf = (error: Error): boolean =>
        isTransient(error) && !(error instanceof ApiError && error.isNotFound);
      return retryTask(api, { attempts: 3, basePauseMs: 1000, retryIf }, deadline, () =>
        startTask("deleting VM", () => api.request("DELETE", `${base}/${query}`, deadline)),
      );
    },
    rebuildCloudInit: (deadline) =>
      inContext("error rebuilding cloud-init drive", async () => {
        await api.request("PUT", `${base}/cloudinit`, deadline);
      }),
    pingAgent: async (deadline) => {
      await api.request("POST", `${base}/agent/ping`, deadline);
    },
    guestInterfaces: async (deadline) => {
      const data = await inContext("error retrieving VM network interfaces from agent", () =>
        api.request("GET", `${base}/agent/network-get-interfaces`, deadline),
      );
      return (data as { result?: readonly GuestInterface[] } | undefined)?.result ?? [];
    },
    waitForStatus: (wanted, deadline) => waitForStatus(vm, wanted, deadline),
    waitForUnlock: (deadline) => waitForUnlock(vm, deadline),
  };
  return vm;
}

const takesOver = {
  retryIf: isTransient,
  isAlreadyDone: (error: Error): boolean => error.message.includes("already exists"),
};

async function startTask(what: string, call: () => Promise<unknown>): Promise<string> {
  const data = await inContext(`error ${what}`, call);
  if (typeof data !== "string") throw new Error(noData);
  return data;
}

async function attempt<Result>(step: () => Promise<Result>): Promise<Result | Error> {
  try {
    return await step();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

// Only the start of the task is retried; a task that fails is the end.
async function retryTask(
  api: ApiClient,
  options: RetryOptions,
  deadline: Deadline,
  start: () => Promise<string>,
): Promise<TaskResult> {
  const upid = await attempt(() => retry(options, deadline, start));
  if (upid instanceof Error) return { error: upid, warnings: [] };
  return upid === undefined ? { warnings: [] } : waitForTask(api, upid, deadline);
}

async function resizeDisk(
  api: ApiClient,
  base: string,
  disk: string,
  sizeBytes: number,
  deadline: Deadline,
): Promise<TaskResult> {
  let result: TaskResult = { warnings: [] };
  const retryIf = (error: Error): boolean => /got timeout|does not exist/.test(error.message);
  const failure = await attempt(() =>
    retry({ attempts: 5, basePauseMs: 1000, retryIf }, deadline, async () => {
      const parameters = { disk, size: `${sizeBytes}` };
      const upid = await startTask("moving VM disk", () =>
        api.request("PUT", `${base}/resize`, deadline, parameters),
      );
      result = await waitForTask(api, upid, deadline);
      if (result.error !== undefined) throw result.error;
    }),
  );
  return failure instanceof Error && result.error === undefined ? { error: failure, warnings: [] } : result;
}

async function startVm(
  api: ApiClient,
  base: string,
  timeoutSeconds: number,
  deadline: Deadline,
): Promise<TaskResult> {
  const retryIf = (error: Error): boolean => error.message.includes("got no worker upid");
  const upid = await attempt(() =>
    retry({ attempts: 3, basePauseMs: 1000, retryIf }, deadline, async () => {
      try {
        return await api.request("POST", `${base}/status/start`, deadline, { timeout: `${timeoutSeconds}` });
      } catch (error) {
        if (error instanceof Error && error.message.includes("already running")) return "already running";
        throw error;
      }
    }),
  );
  if (upid instanceof Error) return { error: new Error(`error starting VM: ${upid.message}`), warnings: [] };
  if (upid === "already running") return { warnings: [] };
  if (typeof upid !== "string") return { error: new Error(noData), warnings: [] };
  return waitForTask(api, upid, deadline, 599);
}

async function waitForStatus(vm: VmApi, wanted: string, deadline: Deadline): Promise<void> {
  const what = `VM ${vm.vmid} to enter the status "${wanted}"`;
  try {
    await poll(deadline, async () => ((await vm.status(deadline)).status === wanted ? true : undefined));
  } catch (error) {
    if (isDeadlineExceeded(error)) throw new Error(`timeout while waiting for ${what}`, { cause: error });
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`error waiting for ${what}: ${message}`, { cause: error });
  }
}

async function waitForUnlock(vm: VmApi, deadline: Deadline): Promise<void> {
  try {
    await poll(
      deadline,
      async () => (((await vm.status(deadline)).lock ?? "") === "" ? true : undefined),
      () => true,
    );
  } catch (error) {
    const what = `timeout while waiting for VM ${vm.vmid} configuration to become unlocked`;
    throw isDeadlineExceeded(error) ? new Error(what, { cause: error }) : error;
  }
}
