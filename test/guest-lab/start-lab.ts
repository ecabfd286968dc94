import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeControlGroup } from "./control-group.ts";
import { controlGroups, labBase } from "./lab-base.ts";

/** A running lab without machines: the namespaces that they share, their disks, their switch. */
export interface Lab {
  readonly folder: string;
  /** Control group that those of the machines are below. */
  readonly group: string;
  /** Program and first arguments of a command in the lab's namespaces. */
  readonly enter: readonly string[];
  /** Command line that connects standard input and output with a machine's port: ssh's ProxyCommand, without its %h %p. */
  readonly connect: string;
  /** Ends every machine and forgets all disks. */
  stop(): Promise<void>;
}

/** Starts a lab in a folder. Whoever has `publicKey`'s other half may log in to its machines. */
export async function startLab(folder: string, publicKeyFile: string): Promise<Lab> {
  mkdirSync(join(folder, "disks"), { recursive: true });
  writeFlake(join(folder, "template"), "template", "{ }");
  const holder = spawn(
    join(import.meta.dirname, "hold-lab.sh"),
    [labBase, folder, join(folder, "template"), "template", publicKeyFile],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  await ready(holder);
  const pid = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
  const group = join(controlGroups, `nixherd-lab-${holder.pid}`);
  const net = ["/usr/bin/nsenter", "--target", pid, "--net"];
  return {
    folder,
    group,
    enter: [...net, "--mount", "--pid", "--"],
    connect: [...net, "--", "/usr/sbin/chroot", labBase, "/usr/bin/nc"].join(" "),
    stop: async () => {
      holder.stdin?.end();
      await once(holder, "close");
      await removeControlGroup(group);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a flake with one machine, made of a module, into a folder. */
export function writeFlake(folder: string, name: string, module: string): void {
  mkdirSync(join(folder, "nix/hosts"), { recursive: true });
  cpSync(join(import.meta.dirname, "nixos"), join(folder, "nixos"), { recursive: true });
  const system = `import ./nixos/system.nix { name = "${name}"; module = import ./nix/hosts/web.nix; }`;
  const attribute = `nixosConfigurations."${name}".config.system.build.toplevel`;
  writeFileSync(join(folder, "flake.nix"), `{ outputs = _: { ${attribute} = ${system}; }; }\n`);
  writeFileSync(join(folder, "nix/hosts/web.nix"), module);
}

/** Resolves when the holder says that it is ready; what else it said is the error. */
async function ready(holder: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += String(chunk);
      if (/^ready$/m.test(said)) resolve();
    };
    holder.stdout?.on("data", listen);
    holder.stderr?.on("data", listen);
    holder.once("close", () => reject(new Error(`the guest lab did not start: ${said}`)));
    holder.once("error", reject);
  });
}
