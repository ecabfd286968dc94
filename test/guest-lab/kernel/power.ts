import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { GuestMachine } from "../../../embedded/pve/guest-port.ts";
import { until } from "../../hooks/hook-lab.ts";
import { freezeControlGroup, killControlGroup } from "../control-group.ts";
import { addressOf } from "../lab-guests.ts";
import type { Lab } from "../start-lab.ts";

/** The power of the machines of a lab: a process of QEMU for each that has some. */
export interface Power {
  /** Resolves when the firmware runs. */
  on(machine: GuestMachine): Promise<void>;
  /** Cuts it; what the machine had not written by then is lost. */
  off(vmid: number): Promise<void>;
  /** Resolves when the machine has switched itself off. */
  isOff(vmid: number): Promise<void>;
}

/** Makes the power of machines that stand in control groups of these names. */
export function openPower(lab: Lab, groupOf: (vmid: number) => string): Power {
  const running = new Map<number, { readonly child: ChildProcess; readonly closed: Promise<void> }>();
  const isOff: Power["isOff"] = async (vmid) => {
    await running.get(vmid)?.closed;
  };
  return {
    on: async (machine) => {
      const { vmid } = machine;
      const agent = join(lab.folder, `${vmid}.agent`);
      rmSync(agent, { force: true });
      const arguments_ = [lab.folder, groupOf(vmid), String(vmid), addressOf(machine)];
      const [program = "", ...enter] = [...lab.enter, join(import.meta.dirname, "run-machine.sh")];
      const child = spawn(program, [...enter, ...arguments_], { stdio: ["ignore", "ignore", "inherit"] });
      running.set(vmid, { child, closed: new Promise((resolve) => child.once("close", () => resolve())) });
      await until(`QEMU runs machine ${vmid}`, () => {
        if (child.exitCode !== null) throw new Error(`QEMU ended at once, with exit code ${child.exitCode}`);
        return existsSync(agent);
      });
    },
    off: async (vmid) => {
      killControlGroup(groupOf(vmid));
      if (existsSync(groupOf(vmid))) freezeControlGroup(groupOf(vmid), false);
      await isOff(vmid);
      running.delete(vmid);
    },
    isOff,
  };
}
