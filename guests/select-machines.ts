import { matchesGlob } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import type { Machine } from "../specs/fleet.ts";

/** What the user says about which machines to work on. Lists that are empty say nothing. */
export interface MachineSelection {
  /** Names, `stack/name`, VMIDs or `@tag`; "*" and "?" stand for parts of them. A machine needs one of them. */
  readonly patterns: readonly string[];
  /** Names of stacks; a machine needs one of them too. */
  readonly stacks: readonly string[];
  /** Proxmox nodes that specs name; a machine needs one of them too. */
  readonly nodes: readonly string[];
}

/**
 * The machines that are meant, each once, in the order of the fleet. Without patterns: all of them that the specs want
 * to be running.
 * @throws USAGE for a pattern, stack or node that nothing has, and when nothing has all that is asked for
 */
export function selectMachines(machines: readonly Machine[], selection: MachineSelection): Machine[] {
  const { patterns, stacks, nodes } = selection;
  for (const pattern of patterns) refuseUnmatched(pattern, machines);
  refuseUnknown(
    "stack",
    stacks,
    machines.map(({ stack }) => stack),
  );
  refuseUnknown(
    "node",
    nodes,
    machines.map(({ spec }) => spec.node),
  );
  const selected = machines.filter(
    (machine) =>
      (patterns.length === 0
        ? machine.spec.lifecycle.started
        : patterns.some((pattern) => isMeant(machine, pattern))) &&
      (stacks.length === 0 || stacks.includes(machine.stack)) &&
      (nodes.length === 0 || nodes.includes(machine.spec.node)),
  );
  if (selected.length > 0) return selected;
  throw new NixherdError("USAGE", {
    message: "No machine has everything that was asked for.",
    hint: whatThereIs(machines),
  });
}

/** Does a pattern mean this machine? */
export function isMeant({ stack, name, spec }: Machine, pattern: string): boolean {
  if (pattern.startsWith("@")) return spec.tags.some((tag) => matchesGlob(tag, pattern.slice(1)));
  if (pattern.includes("/")) return matchesGlob(`${stack}/${name}`, pattern);
  return matchesGlob(name, pattern) || String(spec.vmId) === pattern;
}

function refuseUnmatched(pattern: string, machines: readonly Machine[]): void {
  if (machines.some((machine) => isMeant(machine, pattern))) return;
  throw new NixherdError("USAGE", {
    message: `No machine is called ${pattern}.`,
    hint: whatThereIs(machines),
  });
}

function refuseUnknown(what: string, asked: readonly string[], known: readonly string[]): void {
  const unknown = asked.find((one) => !known.includes(one));
  if (unknown === undefined) return;
  throw new NixherdError("USAGE", {
    message: `No machine is of ${what} ${unknown}.`,
    hint: `There is: ${listed(known)}.`,
  });
}

function whatThereIs(machines: readonly Machine[]): string {
  if (machines.length === 0) return "There are no machines: write a first spec with nixherd new demo/web-1.";
  const tags = machines.flatMap(({ spec }) => spec.tags.map((tag) => `@${tag}`));
  const names = machines.map(({ stack, name }) => `${stack}/${name}`);
  return `There is: ${[listed(names), listed(tags)].filter((list) => list !== "").join("; ")}.`;
}

/** More would hide the message. */
const mostListed = 40;

function listed(words: readonly string[]): string {
  const unique = [...new Set(words)].toSorted();
  const more = unique.length - mostListed;
  return unique.slice(0, mostListed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
