import { checkHealth, type Health } from "../../../guests/check-health.ts";
import type { GarbageRule } from "../../../guests/choose-garbage.ts";
import { collectGarbage } from "../../../guests/collect-garbage.ts";
import { quoteWords } from "../../../guests/quote-words.ts";
import { readFacts } from "../../../guests/read-facts.ts";
import { readGenerations } from "../../../guests/read-generations.ts";
import { rebootGuest } from "../../../guests/reboot-guest.ts";
import { type GuestOutput, runOnGuest } from "../../../guests/run-on-guest.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { Machine } from "../../../specs/fleet.ts";
import type { OsAction } from "./on-machines.ts";
import type { ExecResult } from "./os-events.ts";
import type { Reach } from "./reach.ts";

/** `nixherd os facts` */
export function factsAction(reach: Reach, parallel: number): OsAction<"facts"> {
  return {
    name: "facts",
    parallel,
    work: async (machine) => ({ result: await reach.withGuest(machine, readFacts) }),
  };
}

/** `nixherd os generations` */
export function generationsAction(reach: Reach, parallel: number): OsAction<"generations"> {
  return {
    name: "generations",
    parallel,
    work: async (machine) => ({ result: await reach.withGuest(machine, readGenerations) }),
  };
}

/** `nixherd os health` */
export function healthAction(reach: Reach, parallel: number): OsAction<"health"> {
  return {
    name: "health",
    parallel,
    async work(machine) {
      const { nixos } = machine.spec;
      const checks = nixos === false ? [] : nixos.health;
      const result = await reach.withGuest(machine, (connection) => checkHealth(connection, checks));
      return { result, problem: unhealthy(machine, result) };
    },
  };
}

function unhealthy({ name, spec }: Machine, { checks, failedUnits }: Health): NixherdError | undefined {
  const failed = checks
    .filter(({ isHealthy }) => !isHealthy)
    .map(({ kind, question, reason }) => `${kind} "${question}" failed: ${reason}`);
  const units = failedUnits.length === 0 ? [] : [`these units have failed: ${failedUnits.join(", ")}`];
  const reasons = [...failed, ...units];
  if (reasons.length === 0) return undefined;
  return new NixherdError("MACHINE_UNHEALTHY", {
    message: `${name} (${spec.vmId}) is not well: ${reasons.join("; ")}.`,
    hint: `Look at its journal: nixherd os exec ${name} -- journalctl -p err -n 50.`,
  });
}

export interface ExecOptions {
  readonly parallel: number;
  /** One line for the user's shell on the machines. */
  readonly line: string;
  readonly asRoot: boolean;
  readonly timeoutMs: number;
}

/** `nixherd os exec` */
export function execAction(reach: Reach, options: ExecOptions): OsAction<"exec"> {
  const { parallel, line, asRoot, timeoutMs } = options;
  return {
    name: "exec",
    parallel,
    async work(machine) {
      const isSudo = asRoot && machine.spec.access.user !== "root";
      const whole = isSudo ? `${quoteWords(["sudo", "-n", "sh", "-c", line])}` : line;
      const output = await reach.withGuest(machine, (connection) =>
        runOnGuest(connection, { line: whole, timeoutMs }),
      );
      return { result: resultOf(output), problem: failedCommand(machine, output) };
    },
  };
}

function resultOf({ exitCode, stdout, stderr }: GuestOutput): ExecResult {
  return {
    exitCode: exitCode ?? null,
    stdout: stdout.text(),
    stderr: stderr.text(),
    droppedChars: stdout.droppedChars() + stderr.droppedChars(),
  };
}

function failedCommand({ name, spec }: Machine, { exitCode }: GuestOutput): NixherdError | undefined {
  if (exitCode === 0) return undefined;
  const end = exitCode === undefined ? "was ended by a signal" : `ended with exit code ${exitCode}`;
  return new NixherdError("GUEST_COMMAND_FAILED", {
    message: `The command ${end} on ${name} (${spec.vmId}).`,
    hint: "Read its output.",
  });
}

export interface GarbageOptions extends GarbageRule {
  readonly parallel: number;
  readonly isDryRun: boolean;
}

/** `nixherd os gc` */
export function garbageAction(reach: Reach, options: GarbageOptions): OsAction<"gc"> {
  return {
    name: "gc",
    parallel: options.parallel,
    work: async (machine) => ({
      result: await reach.withGuest(
        machine,
        (connection) => collectGarbage(connection, options, options.isDryRun),
        { endsByItself: true },
      ),
    }),
  };
}

/** `nixherd os reboot`: one machine after another; the first that does not come back well ends it. */
export function rebootAction(reach: Reach, timeoutMs: number): OsAction<"reboot"> {
  const { access } = reach;
  return {
    name: "reboot",
    parallel: 1,
    stopsAtFailure: true,
    work: async (machine, tell) => ({
      result: await reach.withGuest(
        machine,
        (connection) => rebootGuest(connection, { access, timeoutMs, tell }),
        { endsByItself: true },
      ),
    }),
  };
}
