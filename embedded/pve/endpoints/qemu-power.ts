import { failure } from "../http/api-error.ts";
import { rebootVm, requireProcess, resetVm } from "../machine/restart-vm.ts";
import { startVm } from "../machine/start-vm.ts";
import { powerOff, shutdownVm } from "../machine/stop-vm.ts";
import { currentStatus } from "../reports/vm-status.ts";
import type { TaskContext } from "../state/task.ts";
import { checkLock, findVm, type Vm } from "../state/vm.ts";
import { type Call, type Endpoint, type EndpointTable, flag, integer, text } from "./endpoint.ts";
import { type HaCommand, haStart, haStop, throughHa } from "./ha-commands.ts";
import { refuseSkipLock, startVmTask, vmOf } from "./vm-call.ts";

interface PowerAction {
  readonly taskType: string;
  readonly work: (call: Call, vm: Vm, context: TaskContext) => void | Promise<void>;
  /** Refused at once, without a task, while the VM does not run. */
  readonly isForRunning?: boolean;
  /** What is asked of the HA manager instead, for VMs that it manages. */
  readonly command?: (call: Call, vm: Vm) => HaCommand;
}

/** How long a shutdown or reboot waits for the guest without a `timeout` parameter. */
const defaultTimeoutSeconds = 60;

function timeoutOf(call: Call): number {
  return Number(call.parameters["timeout"] ?? defaultTimeoutSeconds);
}

function stop({ cluster }: Call, vm: Vm): Promise<void> {
  checkLock(vm);
  return powerOff(cluster, vm);
}

function shutdown(call: Call, vm: Vm, context: TaskContext): Promise<void> {
  const options = { timeoutSeconds: timeoutOf(call), forceStop: flag(call, "forceStop") };
  return shutdownVm(call.cluster, vm, options, context);
}

function setPaused(vm: Vm, paused: boolean): void {
  requireProcess(vm).paused = paused;
}

const actions: Readonly<Record<string, PowerAction>> = {
  start: {
    taskType: "qmstart",
    work: ({ cluster }, vm, context) => startVm(cluster, vm, context),
    command: haStart,
  },
  stop: { taskType: "qmstop", work: stop, command: (call, vm) => haStop(call, vm, 0) },
  shutdown: {
    taskType: "qmshutdown",
    work: shutdown,
    command: (call, vm) => haStop(call, vm, timeoutOf(call)),
  },
  reboot: {
    taskType: "qmreboot",
    work: (call, vm, context) => rebootVm(call.cluster, vm, timeoutOf(call), context),
    isForRunning: true,
  },
  reset: { taskType: "qmreset", work: ({ cluster }, vm) => resetVm(cluster, vm), isForRunning: true },
  suspend: { taskType: "qmpause", work: (_, vm) => setPaused(vm, true), isForRunning: true },
  resume: { taskType: "qmresume", work: (_, vm) => setPaused(vm, false) },
};

/** A shutdown looks for the VM in its own way, and says so in words of its own. */
function requireShutdownTarget(call: Call): void {
  const [node, vmid] = [text(call, "node"), integer(call, "vmid")];
  if (findVm(call.cluster, node, vmid) === undefined) {
    throw failure(`unable to find configuration file for VM ${vmid} on node '${node}'`);
  }
}

function powerEndpoint({ taskType, work, isForRunning, command }: PowerAction): Endpoint {
  return (call) => {
    refuseSkipLock(call);
    if (taskType === "qmshutdown") requireShutdownTarget(call);
    const vm = vmOf(call);
    if (isForRunning && vm.process === undefined) throw failure(`VM ${vm.vmid} not running`);
    return throughHa(call, vm, command?.(call, vm), () =>
      startVmTask(call, vm, { type: taskType, work: (context) => work(call, vm, context) }),
    );
  };
}

export const qemuPowerEndpoints: EndpointTable = {
  "GET /nodes/{node}/qemu/{vmid}/status/current": (call) => currentStatus(call.cluster, vmOf(call)),
  ...Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [
      `POST /nodes/{node}/qemu/{vmid}/status/${name}`,
      powerEndpoint(action),
    ]),
  ),
};
