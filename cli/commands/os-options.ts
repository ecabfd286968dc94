import { Argument, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { MachineSelection } from "../../guests/select-machines.ts";

/** The argument that selects machines. */
export function machinesArgument() {
  return new Argument(
    "[machine...]",
    'names, stack/name, VMIDs, @tags; "*" and "?" stand for parts of them (default: all)',
  );
}

/** `--stack`: narrows a selection down; may be given again. */
export function stackOption() {
  return repeatable("--stack <stack>", "only machines of this stack; may be given again");
}

/** `--node`: narrows a selection down; may be given again. */
export function nodeOption() {
  return repeatable("--node <node>", "only machines whose specs name this Proxmox node; may be given again");
}

/** An option with one value each time, so that the words behind it are still names of machines. */
export function repeatable<Flags extends string>(flags: Flags, description: string) {
  return new Option(flags, description).argParser<readonly string[]>((text, before = []) => [
    ...before,
    text,
  ]);
}

/** `--parallel`: machines at a time. */
export function parallelOption() {
  return new Option("--parallel <n>", "machines at a time").argParser(readParallel).default(10);
}

export function jsonOption() {
  return new Option("--json", "print events as lines of JSON");
}

/** What the arguments and options say together. */
export function selectionOf(
  patterns: readonly string[],
  { stack = [], node = [] }: { readonly stack?: readonly string[]; readonly node?: readonly string[] },
): MachineSelection {
  return { patterns, stacks: stack, nodes: node };
}

function readParallel(text: string): number {
  if (/^[1-9][0-9]{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a number from 1 to 999.");
}

/** A number of seconds from 1, as milliseconds. */
export function readSecondsAsMs(text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text) * 1000;
  throw new InvalidArgumentError("It takes a number of seconds from 1.");
}

const secondsOf = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** A duration such as 12h, 30d or 4w, in seconds. */
export function readAgeSeconds(text: string): number {
  const [, number, unit] = /^([0-9]{1,5})([mhdw])$/.exec(text) ?? [];
  if (number !== undefined && unit !== undefined)
    return Number(number) * secondsOf[unit as keyof typeof secondsOf];
  throw new InvalidArgumentError("It takes a number and a unit: 90m, 12h, 30d or 4w.");
}

export function readCount(text: string): number {
  if (/^[0-9]{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a number from 0 to 9999.");
}

export function readGenerationNumber(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes the number of a generation.");
}
