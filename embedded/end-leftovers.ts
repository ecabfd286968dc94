import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { endUnits } from "./guest/machine-processes.ts";

/** Ends what still runs inside machines whose cluster was killed: they are about to boot anew. */
export async function endLeftovers(folder: string, log: (line: string) => void): Promise<void> {
  const machines = join(folder, "machines");
  if (!existsSync(machines)) return;
  for (const name of await readdir(machines)) {
    await endUnits(join(machines, name), log);
  }
}
