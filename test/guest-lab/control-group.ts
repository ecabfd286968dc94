import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../hooks/hook-lab.ts";

/** Process id, in this computer's view, of the systemd that is PID 1 of the machine in a control group; undefined if there is none. */
export function systemdOf(group: string): number | undefined {
  const file = join(group, "init.scope/cgroup.procs");
  const pid = existsSync(file) ? readFileSync(file, "utf8").split("\n")[0] : "";
  return pid === "" ? undefined : Number(pid);
}

/** Kills every process of a group and of those below it at once. */
export function killControlGroup(group: string): void {
  if (existsSync(group)) writeFileSync(join(group, "cgroup.kill"), "1");
}

/** Stops every process of a group, or lets them go on. */
export function freezeControlGroup(group: string, isFrozen: boolean): void {
  writeFileSync(join(group, "cgroup.freeze"), isFrozen ? "1" : "0");
}

/** Kills what is in a group, and removes it with those below it. */
export async function removeControlGroup(group: string): Promise<void> {
  killControlGroup(group);
  await until(`${group} is gone`, () => {
    removeEmpty(group);
    return !existsSync(group);
  });
}

function removeEmpty(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(group, entry.name));
  }
  try {
    rmdirSync(group);
  } catch (error) {
    // A process in it is not reaped yet: the caller tries again.
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
  }
}
