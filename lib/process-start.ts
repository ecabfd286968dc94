import { readFile } from "node:fs/promises";
import { runCommand } from "./run-command.ts";

const psTimeoutMs = 10_000;

/** The field of /proc/<pid>/stat that says when the process began, counted from the end of its name (proc(5): 22nd). */
const startField = 19;

/**
 * A text that is the same for as long as a process lives, and another one for a later process with the same id;
 * undefined when there is no such process.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return startByPs(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name stands in brackets and may hold spaces and brackets itself.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : fields[startField - 1];
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

async function startByPs(pid: number): Promise<string | undefined> {
  const args = ["-o", "lstart=", "-p", String(pid)];
  const { stdout } = await runCommand({ file: "ps", args, cwd: "/", timeoutMs: psTimeoutMs });
  return stdout.trim() || undefined;
}
