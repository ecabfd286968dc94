import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Every process in there leads a group of its own, and the file's name is its id. */
const processFolder = "run/processes";

/** Writes down that a process group belongs to a machine, so that it ends when the machine does; what it returns takes it back. */
export function noteProcess(root: string, leader: number): () => void {
  const file = join(root, processFolder, String(leader));
  mkdirSync(join(root, processFolder), { recursive: true });
  writeFileSync(file, "");
  return () => rmSync(file, { force: true });
}

/** Forgets what ran before the machine was started. */
export async function forgetProcesses(root: string): Promise<void> {
  await rm(join(root, processFolder), { recursive: true, force: true });
  await mkdir(join(root, processFolder), { recursive: true });
}

/** Ends whatever runs in a machine, as a power cut does: sessions, the agent's programs, units; but not the process that does it. */
export async function endProcesses(root: string, log: (line: string) => void): Promise<void> {
  const leaders = await tryReaddir(join(root, processFolder));
  for (const leader of leaders.map(Number)) if (leader !== process.pid) signalGroup(leader, "SIGKILL", log);
  await forgetProcesses(root);
  await endUnits(root, log);
}

/** Ends the transient units that run in a machine, as a power cut does, and forgets the state of all its units. */
export async function endUnits(root: string, log: (line: string) => void): Promise<void> {
  const folder = join(root, "run/units");
  const files = await tryReaddir(folder);
  // A unit without a state has ended: its process id may be another process's by now.
  const running = files.filter(
    (file) => file.endsWith(".pid") && files.includes(file.replace(/pid$/, "state")),
  );
  for (const file of running) signalGroup(Number(await readFile(join(folder, file), "utf8")), "SIGKILL", log);
  for (const file of files) await rm(join(folder, file), { force: true });
}

/** Sends a signal to a process group, whose leader's id it has; one that has ended is no error. */
export function signalGroup(leader: number, signal: NodeJS.Signals, log: (line: string) => void): void {
  if (!Number.isInteger(leader) || leader <= 1) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    log(`a program ended by itself before it got ${signal}: ${String(error)}`);
  }
}

async function tryReaddir(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
