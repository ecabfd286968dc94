import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "@commander-js/extra-typings";
import type { FaultReport, FaultsReport } from "../../embedded/call-faults.ts";
import { NixherdError } from "../../lib/errors.ts";
import { runSession, type Session } from "../run-session.ts";

const help = `
A file of faults is JSON: a seed, and rules of which each names a fault and what it meets.
  { "seed": 7, "rules": [
    { "fault": "task-failure", "task": "qmstop", "count": 1 },
    { "fault": "status", "status": 596, "call": "PUT /nodes/*/qemu/**", "probability": 0.1 },
    { "fault": "node-down", "node": "pve2", "lastsMs": 60000 } ] }

Faults: latency, status, reset, tls-drop (calls); task-duration, task-failure (tasks); agent-silent,
never-boots, ignores-shutdown (guests); node-down, storage-full. docs/embedded.md tells what each takes.

Examples:
  nixherd embedded faults set faults.json    replace all faults by those of the file
  nixherd embedded faults show               how many events each rule was about, how many met it
  nixherd embedded faults clear              end all faults; nodes come up again`;

/** `nixherd embedded faults` */
export function addEmbeddedFaults(embedded: Command): void {
  const faults = embedded
    .command("faults")
    .description("Let calls, tasks, guests, nodes and storages of the embedded cluster fail.")
    .addHelpText("after", help);
  faults
    .command("set")
    .description("Replace all faults by those of a file.")
    .argument("<file>", "JSON with a seed and rules; - is stdin")
    .action((file) => runSession({}, (session) => set(session, file)));
  faults
    .command("show")
    .description("Show the faults in force, and what met them.")
    .option("--json", "print them as JSON")
    .action(({ json = false }) => runSession({ json }, (session) => show(session, json)));
  faults
    .command("clear")
    .description("End all faults.")
    .action(() => runSession({}, clear));
}

async function set({ root, screen }: Session, file: string): Promise<number> {
  const { callFaults } = await import("../../embedded/call-faults.ts");
  const { rules } = await callFaults(root, "PUT", await read(file));
  screen.print(`${rules.length} ${rules.length === 1 ? "fault is" : "faults are"} in force.`);
  return 0;
}

async function read(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new NixherdError("FILE_FAILED", {
      message: `The faults cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: "Name a JSON file with a seed and rules, or - for stdin.",
      cause,
    });
  }
}

async function show({ root, screen }: Session, json: boolean): Promise<number> {
  const { callFaults } = await import("../../embedded/call-faults.ts");
  const found = await callFaults(root, "GET");
  screen.print(json ? JSON.stringify(found) : linesOf(found).join("\n"));
  return 0;
}

function linesOf({ seed, rules }: FaultsReport): string[] {
  if (rules.length === 0) return ["No faults are in force."];
  return [`seed ${seed}`, ...rules.map(lineOf)];
}

/** Faults that are there for a while, instead of meeting events. */
const lastingFaults: ReadonlySet<string> = new Set(["node-down", "storage-full"]);

function lineOf({ fault, matched, applied, active, ...wishes }: FaultReport): string {
  const words = Object.entries(wishes).map(([key, value]) => `${key}=${value}`);
  const name = [fault, ...words].join(" ");
  if (lastingFaults.has(fault)) return `${name}: ${active ? "in force" : "over"}`;
  return `${name}: ${applied} of ${matched} events met it${active ? "" : " (over)"}`;
}

async function clear({ root, screen }: Session): Promise<number> {
  const { callFaults } = await import("../../embedded/call-faults.ts");
  await callFaults(root, "DELETE");
  screen.print("All faults are over.");
  return 0;
}
