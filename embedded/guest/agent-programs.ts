import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { AgentError } from "../pve/guest-port.ts";
import { spawnInside, standIns } from "./spawn-inside.ts";

/** What the agent tells of a program: its end, if it came, and what it wrote. */
type ProgramStatus = Readonly<Record<string, unknown>>;

/** Programs that the agent of one machine started. */
export interface AgentPrograms {
  /** Starts a program as root and resolves with its process id. */
  start(command: readonly string[], input: string): Promise<number>;
  /** Tells how a program is; one whose end was told is forgotten. */
  status(pid: number): ProgramStatus;
}

interface Output {
  readonly chunks: Buffer[];
  size: number;
}

interface Program {
  readonly child: ChildProcess;
  readonly out: Output;
  readonly err: Output;
  isOver: boolean;
}

/** What the agent keeps of each of a program's outputs; the rest is cut off. */
const keptBytes = 16 * 1024 ** 2;

function keep(output: Output, chunk: Buffer): void {
  if (output.size < keptBytes) output.chunks.push(chunk.subarray(0, keptBytes - output.size));
  output.size += chunk.length;
}

function printOutput(name: string, { chunks, size }: Output): ProgramStatus {
  if (size === 0) return {};
  return {
    [`${name}-data`]: Buffer.concat(chunks).toString("utf8"),
    [`${name}-truncated`]: size > keptBytes,
  };
}

/** Where a machine finds a program: the stand-ins take the places of NixOS's own, wherever a path says they are. */
function placeOf(program: string): string {
  const name = basename(program);
  if (!program.startsWith("/") || existsSync(join(standIns, name))) return name;
  return program;
}

/** In the agent's own words, with its quotes. */
function notStarted(program: string): AgentError {
  return new AgentError(`Failed to execute child process \u201c${program}\u201d (No such file or directory)`);
}

/** Makes the place for the programs of a machine; `root` is the folder that stands for its `/`. */
export function createAgentPrograms(root: string): AgentPrograms {
  const programs = new Map<number, Program>();
  return {
    async start([name = "", ...words], input) {
      const child = spawnInside(root, "root", placeOf(name), words);
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", () => reject(notStarted(name)));
      });
      const pid = child.pid ?? 0;
      const program: Program = {
        child,
        out: { chunks: [], size: 0 },
        err: { chunks: [], size: 0 },
        isOver: false,
      };
      programs.set(pid, program);
      child.stdout.on("data", (chunk: Buffer) => keep(program.out, chunk));
      child.stderr.on("data", (chunk: Buffer) => keep(program.err, chunk));
      child.once("close", () => {
        program.isOver = true;
      });
      // A program may end before it has read its input; its end says what became of it.
      child.stdin.on("error", () => child.stdin.destroy());
      child.stdin.end(input);
      return pid;
    },
    status(pid) {
      const program = programs.get(pid);
      if (program === undefined) throw new AgentError("Invalid parameter 'pid'");
      if (!program.isOver) return { exited: false };
      programs.delete(pid);
      const { exitCode, signalCode } = program.child;
      const end = signalCode === null ? { exitcode: exitCode } : { signal: constants.signals[signalCode] };
      return { exited: true, ...end, ...printOutput("out", program.out), ...printOutput("err", program.err) };
    },
  };
}
