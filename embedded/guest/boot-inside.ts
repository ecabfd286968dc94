import type { GuestMachine } from "../pve/guest-port.ts";
import { type CloudInit, readCloudInit } from "./cloud-init.ts";
import {
  bootsInstaller,
  type Console,
  createInstallerRoot,
  hasInstallerAgent,
  installerRoot,
  leaveInstaller,
  openConsole,
  withDhcp,
} from "./installer.ts";
import { applyCloudInit, createMachineRoot } from "./machine-root.ts";
import { bootProfile } from "./nixos/system-profile.ts";

/** What a machine's power has brought up. */
export interface Inside {
  /** The folder that stands for the machine's `/`. */
  readonly root: string;
  readonly cloudInit: CloudInit;
  /** The shell on the screen; a machine with a system of its own has none that anybody could log in to. */
  readonly console?: Console;
  /** Whether the cluster's own key may log in. */
  readonly takesClusterKey: boolean;
  hasAgent(): boolean;
  /** The power is gone. */
  leave(): Promise<void>;
}

/** Brings up what is on a machine's disk, or the installer in its drive; `disk` is the folder that stands for the disk. */
export async function bootInside(
  machine: GuestMachine,
  disk: string,
  log: (line: string) => void,
): Promise<Inside> {
  if (bootsInstaller(machine, disk)) return bootInstaller(machine, disk, log);
  const cloudInit = readCloudInit(machine);
  await boot(disk, cloudInit);
  return {
    root: disk,
    cloudInit,
    takesClusterKey: true,
    hasAgent: () => true,
    leave: () => Promise.resolve(),
  };
}

async function bootInstaller(
  machine: GuestMachine,
  disk: string,
  log: (line: string) => void,
): Promise<Inside> {
  const root = installerRoot(disk);
  const cloudInit = readCloudInit(withDhcp(machine));
  await createInstallerRoot(root);
  await boot(root, cloudInit);
  const console = openConsole(root, log);
  return {
    root,
    cloudInit,
    console,
    takesClusterKey: false,
    hasAgent: () => hasInstallerAgent(root),
    leave: () => leaveInstaller(root, disk),
  };
}

async function boot(root: string, cloudInit: CloudInit): Promise<void> {
  await createMachineRoot(root);
  await applyCloudInit(root, cloudInit);
  await bootProfile(root);
}
