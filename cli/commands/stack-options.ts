import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Allowances } from "../../reconcile/judge-plan.ts";

/** Help of the argument that names stacks. */
export const stacksHelp = "folders of vm-specs/ (default: all)";

/** `--target`, which narrows a command down to machines. */
export function targetOption() {
  return new Option("--target <vmId...>", "only these machines, by VMID")
    .argParser<readonly number[]>((text, before = []) => [...before, readVmId(text)])
    .default([], "all");
}

/** `--allow-destroy`: how many machines may go in one run, whatever the policy says. */
export function allowDestroyOption() {
  return new Option(
    "--allow-destroy <n>",
    "let this many machines of each stack be destroyed or replaced",
  ).argParser(readCount);
}

/** `--allow-power-cycle` */
export function allowPowerCycleOption() {
  return new Option("--allow-power-cycle", "let running machines be power-cycled");
}

/** `--allow-recreate` */
export function allowRecreateOption() {
  return new Option("--allow-recreate", "let machines be made again that the cluster does not show any more");
}

interface AllowOptions {
  readonly allowDestroy?: number | undefined;
  readonly allowPowerCycle?: true | undefined;
  readonly allowRecreate?: true | undefined;
}

/** What the three options allow together. */
export function allowancesOf({ allowDestroy, allowPowerCycle, allowRecreate }: AllowOptions): Allowances {
  return {
    ...(allowDestroy === undefined ? {} : { destroy: allowDestroy }),
    powerCycle: allowPowerCycle === true,
    recreate: allowRecreate === true,
  };
}

function readCount(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a number from 0.");
}

/** A VMID of the command line. */
export function readVmId(text: string): number {
  if (/^[1-9][0-9]{2,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A VMID is a number from 100 to 999999999.");
}
