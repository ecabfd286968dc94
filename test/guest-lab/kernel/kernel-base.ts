import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { labBase, noLab } from "../lab-base.ts";

const repository = join(import.meta.dirname, "../../..");

/** The root file system of machines with a kernel of their own; its name changes with what it is made of. */
export const kernelBase: string = join(repository, `.tools/kernel-lab/base-${checksum()}`);

/** Why there are no machines with a kernel of their own here; empty where there are. */
export const noKernelLab: string = whyNot();

function checksum(): string {
  const hash = createHash("sha256").update(basename(labBase));
  for (const file of ["make-base.sh", "grub.cfg"]) {
    hash.update(readFileSync(join(import.meta.dirname, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

function whyNot(): string {
  if (noLab !== "") return noLab;
  if (spawnSync("qemu-system-x86_64", ["--version"]).status !== 0)
    return "machines with a kernel of their own need qemu-system-x86_64 (scripts/setup --with-qemu)";
  if (!existsSync("/dev/net/tun"))
    return "machines with a kernel of their own need /dev/net/tun, which this computer does not have";
  if (!existsSync(kernelBase))
    return "machines with a kernel of their own are not installed (scripts/setup --with-qemu)";
  return "";
}

// Asked by scripts/setup: what the base is made of, and where it belongs.
if (process.argv[1] === import.meta.filename) console.log(`${labBase} ${kernelBase}`);
