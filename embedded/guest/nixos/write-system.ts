import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a stand-in of a NixOS system is made of. */
export interface SystemContents {
  /** Host name; part of the store path's name. */
  readonly name: string;
  /** Everything that the system was built from; its hash is the store path's. */
  readonly inputs: string;
  /** Units that run while the system is active. */
  readonly units: readonly string[];
  /** OpenSSH public keys that may log in. */
  readonly keys: readonly string[];
  /**
   * What becomes of an activation: an exit code of switch-to-configuration, "hang", "freeze" (the whole machine hangs),
   * "no-boot-loader" (it cannot be written), "no-logind" (it ends half-way, and so does every other one until the machine
   * restarts), "reload" (4 without a failed unit), "next-try" (4, and the unit that failed waits for its next try), "both"
   * (2 and 4) or "guarded" (refused while the machine has a file /run/busy). Defaults to 0.
   */
  readonly activation?:
    | number
    | "hang"
    | "freeze"
    | "no-boot-loader"
    | "no-logind"
    | "reload"
    | "next-try"
    | "both"
    | "guarded";
  /** What of the machine does not work while the system runs. Defaults to nothing. */
  readonly breaks?: "network" | "sshd";
  /** Tells one kernel from another; "unloadable" is none that kexec takes. Defaults to the golden template's. */
  readonly kernel?: string;
  /** What keeps the system from coming up when it is booted: the machine hangs, or restarts. Defaults to nothing. */
  readonly boot?: "hangs" | "panics";
  /** Version of the system's systemd. Defaults to 259. */
  readonly systemd?: number;
  /** Tells one switch inhibitor from another. Defaults to the golden template's. */
  readonly inhibitor?: string;
}

/** The platform that embedded machines report. No Nix builds for it, so that `buildOn: auto` builds on the machine. */
const embeddedPlatform = "embedded-nixherd";

/** Puts a system into a machine's store, unless it is there, and returns its store path. */
export async function writeSystem(root: string, contents: SystemContents): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 32);
  const storePath = `/nix/store/${hash}-nixos-system-${contents.name}-26.05.embedded`;
  const folder = join(root, storePath);
  if (existsSync(folder)) return storePath;
  const unfinished = `${folder}.${process.pid}`;
  for (const name of ["bin", "systemd/bin"]) await mkdir(join(unfinished, name), { recursive: true });
  for (const [name, text] of Object.entries(filesOf(contents, storePath))) {
    await writeFile(join(unfinished, name), text);
  }
  for (const name of ["kernel", "initrd", "kernel-modules"]) {
    await symlink(`/nix/store/${contents.kernel ?? "template"}/${name}`, join(unfinished, name));
  }
  await writeFile(join(unfinished, "init"), "#!/bin/sh\n", { mode: 0o755 });
  const systemctl = `#!/bin/sh\necho 'systemd ${contents.systemd ?? 259} (embedded)'\n`;
  await writeFile(join(unfinished, "systemd/bin/systemctl"), systemctl, { mode: 0o755 });
  const switchToConfiguration = join(unfinished, "bin/switch-to-configuration");
  await copyFile(join(import.meta.dirname, "switch-to-configuration.sh"), switchToConfiguration);
  await chmod(switchToConfiguration, 0o755);
  await rename(unfinished, folder).catch(async (error: unknown) => {
    // Two builds of the same system at once: the first one's result is as good.
    if (!existsSync(folder)) throw error;
    await rm(unfinished, { recursive: true });
  });
  return storePath;
}

function filesOf(contents: SystemContents, storePath: string): Readonly<Record<string, string>> {
  return {
    "nixos-version": "26.05.embedded",
    system: embeddedPlatform,
    units: contents.units.map((unit) => `${unit}\n`).join(""),
    keys: contents.keys.map((key) => `${key}\n`).join(""),
    activation: `${contents.activation ?? 0}\n`,
    breaks: `${contents.breaks ?? "nothing"}\n`,
    boot: `${contents.boot ?? "comes up"}\n`,
    "kernel-params": "console=ttyS0,115200",
    "switch-inhibitors": JSON.stringify({ init: contents.inhibitor ?? "template" }),
    "boot.json": JSON.stringify({ "org.nixos.bootspec.v1": { toplevel: storePath } }),
  };
}
