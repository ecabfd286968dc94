import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Ends the transient units that run in a machine, as a power cut does, and forgets the state of all its units. */
export async function endUnits(root: string, log: (line: string) => void): Promise<void> {
  const folder = join(root, "run/units");
  const files = await readdir(folder);
  // A unit without a state has ended: its process id may be another process's by now.
  const running = files.filter(
    (file) => file.endsWith(".pid") && files.includes(file.replace(/pid$/, "state")),
  );
  for (const file of running) endGroup(Number(await readFile(join(folder, file), "utf8")), log);
  for (const file of files) await rm(join(folder, file), { force: true });
}

/** Ends a process group, whose leader's id it has, as a power cut does. */
export function endGroup(leader: number, log: (line: string) => void): void {
  if (!Number.isInteger(leader) || leader <= 1) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    log(`a program ended by itself as its machine did: ${String(error)}`);
  }
}
