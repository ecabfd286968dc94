import { expect } from "vitest";
import { type HookRun, readRun } from "../hooks/hook-lab.ts";
import { type Ending, endingOf, type GuestLab, type LabState, type LabVm } from "./lab-machines.ts";
import { recordCell } from "./record-cell.ts";

/** A fault, and how a run of the hook that meets it has to end. */
export interface Fault {
  readonly fault: string;
  /** The machine's module, a Nix expression. */
  readonly module?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What happens before the hook runs. */
  readonly prepare?: (vm: LabVm) => Promise<unknown>;
  /** What happens as soon as the hook says that this phase starts. */
  readonly during?: readonly [phase: string, meddle: (vm: LabVm) => Promise<unknown>];
  readonly exitCode: number | readonly number[];
  readonly ending: Ending | "either";
  /** What the last line says. */
  readonly says: RegExp;
  /** What else has to be true at the end. */
  readonly afterwards?: (vm: LabVm, before: LabState) => unknown;
}

/** Runs one cell of the fault matrix on a machine of its own, checks how it ended, and records that. */
export function runCell(lab: GuestLab, cell: Fault): Promise<void> {
  return lab.use((vm) => meet(vm, cell));
}

async function meet(vm: LabVm, cell: Fault): Promise<void> {
  const powered = performance.now();
  await untilBooted(vm);
  const bootMs = Math.round(performance.now() - powered);
  const before = await vm.state();
  if (cell.module !== undefined) vm.configure(cell.module);
  await cell.prepare?.(vm);
  const started = performance.now();
  const run = await runMeddled(vm, cell);
  const ms = Math.round(performance.now() - started);
  await untilDecided(vm);
  const after = await vm.state();
  const ending = endingOf(after, before);
  recordCell({ fault: cell.fault, exitCode: run.exitCode, ending, ms, machine: vm.sort, bootMs });
  expect([cell.exitCode].flat(), run.output).toContain(run.exitCode);
  expect(run.lastLine, run.output).toMatch(cell.says);
  expect(
    cell.ending === "either" ? ["old system", "new system confirmed"] : [cell.ending],
    run.output,
  ).toContain(ending);
  // A hook that says which system runs, says what the machine says; 22 is the code of not knowing.
  const isNew = ending === "new system confirmed";
  if (run.exitCode !== 22) expect(isNew, run.output).toBe(run.exitCode === 0 || run.exitCode === 15);
  // Whoever could not be asked any more could not tidy up either; the next run does.
  if (run.exitCode !== 22) expect(after.leftovers).toEqual([]);
  await cell.afterwards?.(vm, before);
}

async function runMeddled(vm: LabVm, { environment, during }: Fault): Promise<HookRun> {
  const nix = environment?.["NIXHERD_BUILD_ON"] === "local" ? { PATH: vm.pathWithNix } : {};
  const running = vm.start({ ...environment, ...nix });
  const meddling: Promise<unknown>[] = [];
  for await (const line of running) {
    if (during !== undefined && line === `phase=${during[0]} state=start ms=0`) meddling.push(during[1](vm));
  }
  await Promise.all(meddling);
  return readRun(await running);
}

/** Resolves when the machine has come up as far as it does. */
export async function untilBooted(vm: LabVm): Promise<void> {
  await untilSaid(vm, "systemctl is-system-running | grep --quiet -E 'running|degraded'");
}

/** Resolves when no activation is undecided on the machine. */
export async function untilDecided(vm: LabVm): Promise<void> {
  await untilSaid(
    vm,
    "! systemctl is-active --quiet nixherd-deadman.timer nixherd-deadman.service nixherd-confirm.service nixherd-trial.timer",
  );
}

/** Resolves when a shell condition holds on the machine; while that restarts, it does not. */
export async function untilSaid(vm: LabVm, condition: string): Promise<void> {
  let holds = false;
  const ask = async (): Promise<void> => {
    holds = (await vm.inside(`if ${condition}; then echo yes; fi`).catch(() => "")) === "yes";
  };
  const deadline = performance.now() + vm.patienceMs;
  while (!holds) {
    if (performance.now() > deadline) throw new Error(`still not so after ${vm.patienceMs} ms: ${condition}`);
    await ask();
  }
}
