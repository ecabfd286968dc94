import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Guests } from "../../embedded/guest/start-guests.ts";
import { AgentError, AgentNotRunning, type GuestMachine } from "../../embedded/pve/guest-port.ts";
import { until } from "../hooks/hook-lab.ts";
import { freezeControlGroup, killControlGroup, removeControlGroup, systemdOf } from "./control-group.ts";
import { labBase } from "./lab-base.ts";
import { type Lab, startLab } from "./start-lab.ts";

/** The machines of a lab, as the embedded Proxmox VE drives them and as tests meddle with them. */
export interface LabGuests extends Pick<Guests, "port" | "stop"> {
  readonly lab: Lab;
  /** Control group of a machine. */
  groupOf(vmid: number): string;
  /** Runs a shell script as root inside a machine that runs; resolves with what it prints. */
  inside(vmid: number, script: string): Promise<string>;
}

/** Starts a lab whose machines are powered on and off, and asked through their agents, by the embedded Proxmox VE. */
export async function startLabGuests(folder: string, keyFile: string): Promise<LabGuests> {
  const template = { base: labBase, sort: "namespace" } as const;
  const lab = await startLab(join(folder, "lab"), `${keyFile}.pub`, join(folder, ".."), template);
  const powered = new Map<number, ChildProcess>();
  const groupOf = (vmid: number): string => join(lab.group, String(vmid));
  writeSshConfig(folder, keyFile, lab);

  const boot = async (machine: GuestMachine): Promise<void> => {
    const { vmid, name } = machine;
    const arguments_ = [labBase, lab.folder, groupOf(vmid), String(vmid), name, addressOf(machine)];
    const [program = "", ...enter] = [
      ...lab.enter,
      join(import.meta.dirname, "run-machine.sh"),
      ...arguments_,
    ];
    const child = spawn(program, enter, { stdio: ["ignore", "ignore", "inherit"] });
    powered.set(vmid, child);
    await until(`systemd of machine ${vmid} runs`, () => systemdOf(groupOf(vmid)) !== undefined);
  };
  const powerOff = async (vmid: number): Promise<void> => {
    const child = powered.get(vmid);
    powered.delete(vmid);
    killControlGroup(groupOf(vmid));
    if (existsSync(groupOf(vmid))) freezeControlGroup(groupOf(vmid), false);
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await once(child, "close");
  };
  const inside: LabGuests["inside"] = async (vmid, script) =>
    (await runInside(groupOf(vmid), ["bash", "-c", script])).stdout;
  return {
    lab,
    groupOf,
    inside,
    port: {
      boot,
      powerOff,
      shutdown: async (vmid) => {
        const child = powered.get(vmid);
        await inside(vmid, "systemctl --no-block poweroff");
        if (child !== undefined && child.exitCode === null) await once(child, "close");
        await powerOff(vmid);
        return true;
      },
      destroy: async (vmid) => {
        await powerOff(vmid);
        await removeControlGroup(groupOf(vmid));
        const disk = join(lab.folder, "disks", String(vmid));
        const net = join(lab.folder, "disks", `net-${vmid}`);
        await lab.beside(`
          if mountpoint -q '${disk}/root'; then umount '${disk}/root'; fi
          if [ -e '${net}' ]; then ip link delete port-${vmid}; umount '${net}'; fi
          ip neighbour flush dev switch
          rm -rf '${disk}' '${net}'
        `);
      },
      agent: (vmid, command, params) => askAgent(groupOf(vmid), command, params),
    },
    stop: () => lab.stop(),
  };
}

/** Writes the ssh configuration that reaches the machines of a lab. */
export function writeSshConfig(folder: string, keyFile: string, lab: Lab): void {
  const lines = [
    "Host 10.0.20.*",
    `  ProxyCommand ${lab.connect} %h %p`,
    `  IdentityFile "${keyFile}"`,
    "  IdentitiesOnly yes",
  ];
  writeFileSync(join(folder, "ssh_config"), `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** Address with prefix that the machine's cloud-init drive would tell it. */
export function addressOf({ config }: GuestMachine): string {
  const address = /(?:^|,)ip=([\d./]+)/.exec(String(config["ipconfig0"] ?? ""))?.[1];
  if (address === undefined)
    throw new Error("a machine of the guest lab needs a static IPv4 address in ipconfig0");
  return address;
}

/** Runs a program as root inside a machine. */
function runInside(group: string, command: readonly string[]) {
  const pid = systemdOf(group);
  if (pid === undefined) throw new AgentNotRunning();
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root"];
  const environment = [
    "-i",
    "--chdir=/",
    "HOME=/root",
    "PATH=/run/current-system/sw/bin:/run/current-system/sw/sbin",
  ];
  const enter = ["--target", String(pid), ...namespaces, "/usr/bin/env", ...environment];
  return execa("/usr/bin/nsenter", [...enter, ...command], { timeout: 30_000 });
}

/** What the hook asks of a guest agent; everything else has the agents of the embedded guests. */
async function askAgent(
  group: string,
  command: string,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (systemdOf(group) === undefined) throw new AgentNotRunning();
  if (command !== "file-read") throw new AgentError(`The command guest-${command} has not been found`);
  const path = String(params["file"]);
  const result = await runInside(group, ["cat", path]).catch(() => {
    throw new AgentError(`failed to open file '${path}' (mode: 'r'): No such file or directory`);
  });
  return { content: `${result.stdout}\n`, "bytes-read": result.stdout.length + 1 };
}
