import { rmSync } from "node:fs";
import { join } from "node:path";
import { removeControlGroup } from "../control-group.ts";
import { type LabGuests, writeSshConfig } from "../lab-guests.ts";
import { type Lab, startLab } from "../start-lab.ts";
import { type AgentChannel, openAgentChannel } from "./agent-channel.ts";
import { kernelBase } from "./kernel-base.ts";
import { openPower } from "./power.ts";
import { readThroughAgent } from "./read-through-agent.ts";
import { runThroughAgent } from "./run-through-agent.ts";

const programMs = 120_000;

/** Starts a lab whose machines QEMU emulates: a firmware, GRUB, Debian's kernel and QEMU's guest agent each. */
export async function startKernelGuests(folder: string, keyFile: string): Promise<LabGuests> {
  const template = { base: kernelBase, sort: "kernel" } as const;
  const lab = await startLab(join(folder, "lab"), `${keyFile}.pub`, join(folder, ".."), template);
  await makeDisk(lab).catch(async (error) => {
    await lab.stop();
    throw error;
  });
  writeSshConfig(folder, keyFile, lab);
  const groupOf = (vmid: number): string => join(lab.group, String(vmid));
  const power = openPower(lab, groupOf);
  const agentOf = agentsOf(lab);
  const inside: LabGuests["inside"] = (vmid, script) =>
    agentOf(vmid).use((ask) => runThroughAgent(ask, ["/bin/bash", "-c", script], programMs));
  return {
    lab,
    groupOf,
    inside,
    port: {
      boot: power.on,
      powerOff: power.off,
      shutdown: async (vmid) => {
        await inside(vmid, "systemctl --no-block poweroff");
        await power.isOff(vmid);
        await power.off(vmid);
        return true;
      },
      destroy: async (vmid) => {
        await power.off(vmid);
        await removeControlGroup(groupOf(vmid));
        await lab.beside(`ip link delete port-${vmid}; rm -rf '${join(lab.folder, "disks", String(vmid))}'`);
        rmSync(join(lab.folder, `${vmid}.console`));
      },
      agent: (vmid, command, params) =>
        agentOf(vmid).use((ask) =>
          command === "file-read" ? readThroughAgent(ask, String(params["file"])) : ask(command, params),
        ),
    },
    stop: () => lab.stop(),
  };
}

async function makeDisk(lab: Lab): Promise<void> {
  const template = join(lab.folder, "disks/template");
  const program = join(import.meta.dirname, "make-disk.sh");
  await lab.beside(`'${program}' '${kernelBase}' '${template}' '${template}/disk.raw'`);
}

/** One channel for each machine, however often that is started. */
function agentsOf(lab: Lab): (vmid: number) => AgentChannel {
  const agents = new Map<number, AgentChannel>();
  return (vmid) => {
    const agent = agents.get(vmid) ?? openAgentChannel(join(lab.folder, `${vmid}.agent`));
    agents.set(vmid, agent);
    return agent;
  };
}
