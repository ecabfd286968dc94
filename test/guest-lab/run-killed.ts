import { expect } from "vitest";
import { endingOf, type GuestLab, type LabVm } from "./lab-machines.ts";
import { recordCell } from "./record-cell.ts";
import { untilBooted, untilDecided } from "./run-cell.ts";

/** Kills a hook as a phase starts, as if by the kernel: nothing of it gets to say or do anything more. The next run confirms. */
export function runKilled(lab: GuestLab, phase: string): Promise<void> {
  return lab.use((vm) => killAt(vm, phase));
}

async function killAt(vm: LabVm, phase: string): Promise<void> {
  await untilBooted(vm);
  const before = await vm.state();
  const environment = {
    NIXHERD_CONFIRM_SECONDS: "10",
    ...(phase === "copy" ? { NIXHERD_BUILD_ON: "local", PATH: vm.pathWithNix } : {}),
  };
  const started = performance.now();
  const running = vm.start(environment);
  for await (const line of running) {
    if (line === `phase=${phase} state=start ms=0`) running.kill("SIGKILL");
  }
  expect((await running).signal).toBe("SIGKILL");
  await untilDecided(vm);
  const ending = endingOf(await vm.state(), before);
  const ms = Math.round(performance.now() - started);
  recordCell({ fault: `the hook is killed with -9 at phase ${phase}`, exitCode: 137, ending, ms });
  expect(["old system", "new system confirmed"]).toContain(ending);
  const next = await vm.run({ ...environment, NIXHERD_CONFIRM_SECONDS: "30" });
  expect(next.exitCode, next.output).toBe(0);
  const after = await vm.state();
  expect(endingOf(after, before), next.output).toBe("new system confirmed");
  expect(after.leftovers).toEqual([]);
}
