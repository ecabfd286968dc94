import { inContext } from "../../api/api-error.ts";
import { type Deadline, deadlineInSeconds, isDeadlineExceeded } from "../../api/deadline.ts";
import { poll } from "../../api/retry.ts";
import { expectSuccess } from "../../api/tasks.ts";
import type { VmApi } from "../../api/vm-api.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { Diagnostic } from "../../wire/diagnostic.ts";
import { isAgentNotReady } from "./agent-not-ready.ts";
import { parseProperties } from "./property-string.ts";

/** A VM whose power state one operation changes. */
export interface PoweredVm {
  readonly vm: VmApi;
  readonly data: ResourceData;
  readonly deadline: Deadline;
  readonly warn: (diagnostic: Diagnostic) => void;
  /** What this operation has done so far. */
  readonly power: { wasStopped: boolean };
}

/** Stops a VM that runs: by the guest agent if the server's configuration has it, else by cutting the power. */
export async function ensureStopped(target: PoweredVm): Promise<void> {
  const { vm, deadline } = target;
  if ((await vm.status(deadline)).status === "stopped") return;
  if (await isAgentEnabled(target)) await shutDown(target);
  else await stop(target);
  target.power.wasStopped = true;
}

/** Starts a VM that is stopped. */
export async function ensureRunning(target: PoweredVm): Promise<void> {
  if ((await target.vm.status(target.deadline)).status === "stopped") await start(target);
}

async function start({ vm, data, deadline: outer, warn }: PoweredVm): Promise<void> {
  const seconds = data.now.number("timeout_start_vm");
  const deadline = deadlineInSeconds(seconds, outer);
  expectSuccess(await vm.start(seconds, deadline), "VM start", warn);
  await vm.waitForStatus("running", deadline);
}

// The server gets the same time as this side, and needs longer: a guest that ignores the shutdown fails the operation.
async function shutDown({ vm, data, deadline: outer, warn }: PoweredVm): Promise<void> {
  const seconds = data.now.number("timeout_shutdown_vm");
  const deadline = deadlineInSeconds(seconds, outer);
  expectSuccess(await vm.shutdown(seconds, deadline), "VM shutdown", warn);
  await vm.waitForStatus("stopped", deadline);
}

/** Cuts the power. */
export async function stop({ vm, data, deadline: outer, warn }: PoweredVm): Promise<void> {
  const deadline = deadlineInSeconds(data.now.number("timeout_stop_vm"), outer);
  expectSuccess(await vm.stop(deadline), "VM stop", warn);
  await vm.waitForStatus("stopped", deadline);
}

/** Restarts a VM that runs: a reboot where there is an agent, else stop and start. */
export async function restart(target: PoweredVm): Promise<void> {
  const { vm, data, deadline: outer, warn } = target;
  if ((await vm.status(outer)).status === "stopped") return;
  if (!(await isAgentEnabled(target))) {
    await ensureStopped(target);
    await ensureRunning(target);
    return;
  }
  const seconds = data.now.number("timeout_reboot");
  await waitForAgent(target, deadlineInSeconds(seconds, outer));
  // Three seconds more than the server has, for retries on the way.
  const deadline = deadlineInSeconds(seconds + 3, outer);
  expectSuccess(await vm.reboot(seconds, deadline), "VM reboot", warn);
  await vm.waitForStatus("running", deadline);
}

async function isAgentEnabled({ vm, deadline }: PoweredVm): Promise<boolean> {
  const { agent } = await vm.config(deadline);
  return typeof agent === "string" && parseProperties(agent, "enabled").get("enabled") === "1";
}

async function waitForAgent({ vm }: PoweredVm, deadline: Deadline): Promise<void> {
  try {
    const ping = (): Promise<true> => vm.pingAgent(deadline).then(() => true);
    await poll(deadline, ping, isAgentNotReady);
  } catch (error) {
    if (isDeadlineExceeded(error)) {
      const text = `timeout while waiting for the QEMU agent on VM ${vm.vmid} to become ready`;
      throw new Error(text, { cause: error });
    }
    await inContext(`error waiting for QEMU agent on VM ${vm.vmid}`, () => Promise.reject(error));
  }
}
