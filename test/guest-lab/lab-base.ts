import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");

/** The root file system of the machines; its name changes with the scripts that make it. */
export const labBase: string = join(repository, `.tools/guest-lab/base-${checksumOfScripts()}`);

/** Mount point of the unified control groups of this computer; empty where there is none. */
export const controlGroups: string = findControlGroups();

/** Why the guest lab does not run here; empty where it does. */
export const noLab: string = whyNot();

function checksumOfScripts(): string {
  const hash = createHash("sha256");
  for (const script of ["make-base.sh", "customize-base.sh"]) {
    hash.update(readFileSync(join(import.meta.dirname, script)));
  }
  return hash.digest("hex").slice(0, 12);
}

function findControlGroups(): string {
  if (!existsSync("/proc/self/mounts")) return "";
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return mounts.map((line) => line.split(" ")).find(([, , type]) => type === "cgroup2")?.[1] ?? "";
}

function whyNot(): string {
  if (process.platform !== "linux") return "the guest lab needs Linux";
  if (process.getuid?.() !== 0)
    return "the guest lab needs root: its machines are namespaces with a systemd each";
  if (controlGroups === "") return "the guest lab needs unified control groups (cgroup2)";
  if (spawnSync("unshare", ["--mount", "--net", "--pid", "--fork", "true"]).status !== 0)
    return "the guest lab needs namespaces, which this computer does not let root make";
  if (!existsSync(labBase))
    return "the guest lab is not installed (scripts/setup --with-guest-lab, on Debian as root)";
  return "";
}

// Asked by scripts/setup: where the base belongs.
if (process.argv[1] === import.meta.filename) console.log(labBase);
