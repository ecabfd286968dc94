import { AgentNotRunning, type GuestMachine, type GuestPort } from "../guest-port.ts";
import type { FaultName } from "./fault-rule.ts";
import { type FaultState, takeFault } from "./fault-state.ts";

type GuestFault = Extract<FaultName, "agent-silent" | "never-boots" | "ignores-shutdown">;

/** Puts the faults that are asked for between the server and its guests. */
export function withGuestFaults(guests: GuestPort, faults: FaultState, nowMs: () => number): GuestPort {
  const nodes = new Map<number, string>();
  const meets = (fault: GuestFault, vmid: number): boolean =>
    takeFault(faults, [fault], { nowMs: nowMs(), vmid, node: nodes.get(vmid) }) !== undefined;
  const isUnbooted = ({ vmid, isResumed = false }: GuestMachine): boolean =>
    faults.unbooted.has(vmid) || (!isResumed && meets("never-boots", vmid));
  return {
    async boot(machine) {
      nodes.set(machine.vmid, machine.node);
      if (!isUnbooted(machine)) return guests.boot(machine);
      faults.unbooted.add(machine.vmid);
      await guests.boot(thatNeverBoots(machine));
    },
    async shutdown(vmid) {
      return faults.unbooted.has(vmid) || meets("ignores-shutdown", vmid) ? false : guests.shutdown(vmid);
    },
    async powerOff(vmid) {
      faults.unbooted.delete(vmid);
      await guests.powerOff(vmid);
    },
    async destroy(vmid) {
      faults.unbooted.delete(vmid);
      nodes.delete(vmid);
      await guests.destroy(vmid);
    },
    clone: async (source, copy) => guests.clone?.(source, copy),
    pressKey: (vmid, key) => guests.pressKey?.(vmid, key),
    async agent(vmid, command, params) {
      if (faults.unbooted.has(vmid) || meets("agent-silent", vmid)) throw new AgentNotRunning();
      return guests.agent(vmid, command, params);
    },
    holdsDevices: (vmid) => guests.holdsDevices?.(vmid) === true,
  };
}

/** Guests read their behaviour from the machine's description. */
function thatNeverBoots(machine: GuestMachine): GuestMachine {
  const description = `${machine.config["description"] ?? ""}\nembedded: never-boots`;
  return { ...machine, config: { ...machine.config, description } };
}
