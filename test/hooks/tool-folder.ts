import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Every program that the hook may call on a host without Nix. */
const tools = [
  ..."bash cat cksum curl cut date dirname git grep head ln mkdir mktemp mv rm sed sh sleep ssh ssh-keygen tail tar tr wc".split(
    " ",
  ),
];

/** Makes a folder that holds the hook's programs and nothing else, to be the PATH of a run. */
export function linkTools(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const tool of tools) symlinkSync(findTool(tool), join(folder, tool));
  symlinkSync(process.execPath, join(folder, "node"));
}

/** Makes a folder like linkTools, whose programs write their arguments to a file before they start. */
export function recordTools(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (tool: string, path: string): void => {
    const script = `#!/bin/bash\nprintf '%s\\n' '${tool}' "$@" >>'${file}'\nexec '${path}' "$@"\n`;
    writeFileSync(join(folder, tool), script, { mode: 0o755 });
  };
  for (const tool of tools.filter((name) => name !== "bash")) write(tool, findTool(tool));
  write("node", process.execPath);
  symlinkSync(findTool("bash"), join(folder, "bash"));
}

function findTool(tool: string): string {
  return execFileSync("bash", ["-c", `type -P ${tool}`], { encoding: "utf8" }).trim();
}
