import { type Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

const help = `
Examples:
  nixherd new demo/web-2
  nixherd new prod/db-1 --node pve2 --cores 4 --memory 8192 --disk 40
  nixherd new lab/box --address 10.0.30.5/24 --gateway 10.0.30.1 --ssh-key-file keys/ops.pub

The VMID is the next free one of the stack's range, on the cluster too if it can be asked; the address
the next free one of the stack's pool. What is not said is taken from the defaults files, else from a
machine of the same stack.`;

/** `nixherd new` */
export function addNew(program: Command): void {
  program
    .command("new")
    .description("Write the spec of a new machine: vm-specs/<stack>/<name>.json.")
    .argument("<stack/name>", "folder of vm-specs/ and name of the machine", splitName)
    .option("--node <node>", "Proxmox VE node")
    .option("--template <key>", "template of the catalogue in vm-specs/_site.json")
    .option("--cores <n>", "CPU cores", wholeNumber)
    .option("--memory <MiB>", "memory", wholeNumber)
    .option("--disk <GiB>", "size of the root disk (default: the template's)", wholeNumber)
    .option("--datastore <name>", "storage of the root disk")
    .option("--bridge <name>", "network bridge")
    .option("--address <cidr>", "address with prefix, or dhcp")
    .option("--gateway <address>", "gateway, with --address")
    .option("--ssh-key-file <path>", "public key that may log in, relative to the repository")
    .addHelpText("after", help)
    .action(({ stack, name }, { memory, disk, ...wishes }) =>
      runSession({}, async (session) => {
        const { writeSpec } = await import("../pipeline/write-spec.ts");
        const machine = { stack, name, wishes: { ...wishes, memoryMiB: memory, diskGiB: disk } };
        const { file, spec } = await writeSpec(session, machine);
        session.screen.print(`${file}\n${JSON.stringify(spec, undefined, 2)}\nNext: nixherd plan ${stack}`);
        return 0;
      }),
    );
}

function splitName(text: string): { stack: string; name: string } {
  const [stack = "", name = "", ...rest] = text.split("/");
  if (stack !== "" && name !== "" && rest.length === 0) return { stack, name };
  throw new InvalidArgumentError("Expected <stack>/<name>, such as demo/web-1.");
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number above 0.");
}
