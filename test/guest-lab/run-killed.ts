import { expect } from "vitest";
import { endingOf, type GuestLab, type LabVm } from "./lab-machines.ts";
import { recordCell } from "./record-cell.ts";
import { untilBooted, untilDecided } from "./run-cell.ts";

/** A run that is killed, and the one after it. */
export interface KilledRun {
  readonly fault: string;
  /** The phase at whose start it happens. */
  readonly phase: string;
  /** The machine's module, a Nix expression. */
  readonly module?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `nixos.confirmSeconds` of the next run. */
  readonly nextConfirmSeconds: string;
}

/** A run on a machine of the namespaces. */
export function killedAt(phase: string): KilledRun {
  return {
    fault: `the hook is killed with -9 at phase ${phase}`,
    phase,
    environment: {
      NIXHERD_CONFIRM_SECONDS: "10",
      ...(phase === "copy" ? { NIXHERD_BUILD_ON: "local" } : {}),
    },
    nextConfirmSeconds: "30",
  };
}

/** Kills a hook as a phase starts, as if by the kernel: nothing of it gets to say or do anything more. The next run confirms. */
export function runKilled(lab: GuestLab, killed: KilledRun): Promise<void> {
  return lab.use((vm) => kill(vm, killed));
}

async function kill(
  vm: LabVm,
  { fault, phase, module, environment: given, nextConfirmSeconds }: KilledRun,
): Promise<void> {
  const environment = {
    ...given,
    ...(given["NIXHERD_BUILD_ON"] === "local" ? { PATH: vm.pathWithNix } : {}),
  };
  await untilBooted(vm);
  const before = await vm.state();
  if (module !== undefined) vm.configure(module);
  const started = performance.now();
  const running = vm.start(environment);
  for await (const line of running) {
    if (line === `phase=${phase} state=start ms=0`) running.kill("SIGKILL");
  }
  expect((await running).signal).toBe("SIGKILL");
  await untilDecided(vm);
  const ending = endingOf(await vm.state(), before);
  const ms = Math.round(performance.now() - started);
  recordCell({ fault, exitCode: 137, ending, ms, machine: vm.sort });
  expect(["old system", "new system confirmed"]).toContain(ending);
  const next = await vm.run({ ...environment, NIXHERD_CONFIRM_SECONDS: nextConfirmSeconds });
  expect(next.exitCode, next.output).toBe(0);
  const after = await vm.state();
  expect(endingOf(after, before), next.output).toBe("new system confirmed");
  expect(after.leftovers).toEqual([]);
}
