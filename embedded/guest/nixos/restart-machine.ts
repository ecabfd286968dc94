import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcesses } from "../machine-processes.ts";
import { bootProfile, bootSystem, loadedSystem } from "./system-profile.ts";

/** From the request to restart until the machine is down, in milliseconds: time to answer the one who asked. */
const goingDownMs = 100;

/** Restarts the machine from the inside: whatever runs in it ends, and its boot loader's system comes up, or the one that kexec has loaded. */
async function restartMachine(root: string, isByKexec: boolean): Promise<void> {
  const loaded = isByKexec ? await loadedSystem(root) : undefined;
  await sleep(goingDownMs);
  const restarting = join(root, "run/restarting");
  await writeFile(restarting, "");
  await endProcesses(root, (line) => console.error(line));
  await (loaded === undefined ? bootProfile(root) : bootSystem(root, loaded));
  await rm(restarting, { force: true });
}

await restartMachine(process.env["NIXHERD_ROOT"] ?? "", process.argv[2] === "kexec");
