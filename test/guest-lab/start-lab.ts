import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { removeControlGroup } from "./control-group.ts";
import { controlGroups, labBase } from "./lab-base.ts";

/** What a machine is: a namespace, or a computer with a kernel of its own. nixos/ has a file for each. */
export type MachineSort = "kernel" | "namespace";

/** What the golden template of a lab is made of. */
export interface Template {
  /** Root file system that it stands on. */
  readonly base: string;
  readonly sort: MachineSort;
}

/** A running lab without machines: the namespaces that they share, their disks, their switch. */
export interface Lab {
  readonly folder: string;
  /** Control group that those of the machines are below. */
  readonly group: string;
  /** Program and first arguments of a command in the lab's namespaces. */
  readonly enter: readonly string[];
  /** Program that connects standard input and output with an address and port of the lab: ssh's ProxyCommand. */
  readonly connect: string;
  /** Folder with the `nix` of a computer of the lab that machines are deployed from. */
  readonly nix: string;
  /** Runs a shell script in the lab's namespaces, outside of all machines. */
  beside(script: string): Promise<string>;
  /** Ends every machine and forgets all disks. */
  stop(): Promise<void>;
}

/**
 * Starts a lab in a folder. Whoever has the public key's other half may log in to its machines. `nix` sees the files of
 * the folder `shared`, and no others of this computer.
 */
export async function startLab(
  folder: string,
  publicKeyFile: string,
  shared: string,
  template: Template,
): Promise<Lab> {
  mkdirSync(join(folder, "disks"), { recursive: true });
  writeFlake(join(folder, "template"), "template", "{ }", template.sort);
  const holder = spawn(
    join(import.meta.dirname, "hold-lab.sh"),
    [template.base, folder, join(folder, "template"), "template", publicKeyFile, shared],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  await ready(holder);
  const pid = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
  const group = join(controlGroups, `nixherd-lab-${holder.pid}`);
  const net = ["/usr/bin/nsenter", "--target", pid, "--net"];
  const enter = [...net, "--mount", "--pid", "--"];
  const connect = [...net, "--", "/usr/sbin/chroot", labBase, "/usr/bin/nc"].join(" ");
  const root = join(folder, "disks/deployer/root");
  // The same file serves the deployer's ssh, which is in the network already.
  writeProgram(
    join(folder, "connect"),
    `[ -e /etc/lab/deployer ] || exec ${connect} "$@"\nexec /usr/bin/nc "$@"`,
  );
  writeProgram(
    join(folder, "nix/nix"),
    `PATH=/usr/bin:/usr/sbin exec ${enter.join(" ")} /usr/sbin/chroot ${root} nix "$@"`,
  );
  return {
    folder,
    group,
    enter,
    connect: join(folder, "connect"),
    nix: join(folder, "nix"),
    beside: async (script) => {
      const [program = "", ...arguments_] = enter;
      return (await execa(program, [...arguments_, "bash", "-euc", script])).stdout;
    },
    stop: async () => {
      holder.stdin?.end();
      await once(holder, "close");
      await removeControlGroup(group);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a flake with one machine, made of a module, into a folder. */
export function writeFlake(folder: string, name: string, module: string, sort: MachineSort): void {
  mkdirSync(join(folder, "nix/hosts"), { recursive: true });
  cpSync(join(import.meta.dirname, "nixos"), join(folder, "nixos"), { recursive: true });
  const system = `import ./nixos/system.nix { name = "${name}"; module = import ./nix/hosts/web.nix; platform = import ./nixos/${sort}.nix; }`;
  const attribute = `nixosConfigurations."${name}".config.system.build.toplevel`;
  writeFileSync(join(folder, "flake.nix"), `{ outputs = _: { ${attribute} = ${system}; }; }\n`);
  writeFileSync(join(folder, "nix/hosts/web.nix"), module);
}

function writeProgram(file: string, commands: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${commands}\n`, { mode: 0o755 });
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
