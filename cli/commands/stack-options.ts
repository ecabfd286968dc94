import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** Help of the argument that names stacks. */
export const stacksHelp = "folders of vm-specs/ (default: all)";

/** `--target`, which narrows a command down to machines. */
export function targetOption() {
  return new Option("--target <vmId...>", "only these machines, by VMID")
    .argParser<readonly number[]>((text, before = []) => [...before, readVmId(text)])
    .default([], "all");
}

function readVmId(text: string): number {
  if (/^[1-9][0-9]{2,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A VMID is a number from 100 to 999999999.");
}
