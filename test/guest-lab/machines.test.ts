import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { type HookRun, readRun } from "../hooks/hook-lab.ts";
import { noLab } from "./lab-base.ts";
import { endingOf, type LabState, type LabVm, useGuestLab } from "./lab-machines.ts";
import { recordCell } from "./record-cell.ts";
import { untilBooted, untilSaid } from "./run-cell.ts";

const lab = useGuestLab();
const withoutAgent = { NIXHERD_AGENT: "false" };

async function startBooted(): Promise<LabVm> {
  const vm = await lab.start();
  await untilBooted(vm);
  return vm;
}

/** Runs the hook, and records how it and the machine ended. */
async function runRecorded(fault: string, vm: LabVm, hook: () => Promise<HookRun>, earlier?: LabState) {
  const before = earlier ?? (await vm.state());
  const started = performance.now();
  const run = await hook();
  const ms = Math.round(performance.now() - started);
  const after = await vm.state();
  const ending = endingOf(after, before);
  recordCell({ fault, exitCode: run.exitCode, ending, ms });
  return { run, ending, after };
}

test.concurrent("another machine that answers at the address is refused by its host key", async ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  const [vm, other] = [await startBooted(), await startBooted()];
  const { run, ending } = await runRecorded("another machine answers at the address", other, () =>
    vm.run({ NIXHERD_ADDRESS: other.machine.address }),
  );
  expect(run.exitCode, run.output).toBe(11);
  expect(run.lastLine).toMatch(/shows the host key SHA256:\S+, but the one of this machine is SHA256:/);
  expect(ending).toBe("old system");
});

test.concurrent("a machine that was made anew has a new host key: taken from the agent, refused without one", async ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  const vm = await startBooted();
  expect((await vm.run()).exitCode).toBe(0);
  rmSync(join(vm.root, "vm-specs"), { recursive: true, force: true });
  expect((await vm.run(withoutAgent)).exitCode).toBe(0);
  await vm.machine.destroy();
  await vm.machine.create();
  await untilBooted(vm);
  const refused = await runRecorded("the host key changed, and no agent tells the new one", vm, () =>
    vm.run(withoutAgent),
  );
  expect(refused.run.exitCode, refused.run.output).toBe(11);
  expect(refused.ending).toBe("old system");
  const accepted = await runRecorded("the host key changed, and the agent tells the new one", vm, () =>
    vm.run(),
  );
  expect(accepted.run.exitCode, accepted.run.output).toBe(0);
  expect(accepted.ending).toBe("new system confirmed");
});

test.concurrent("of two activations at once the second is refused, and the first confirmed", async ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  const vm = await startBooted();
  const before = await vm.state();
  const health = JSON.stringify([{ command: "test -e /run/go", retries: 30 }]);
  const first = vm.start({ NIXHERD_HEALTH: health });
  await untilSaid(vm, "systemctl is-active --quiet nixherd-deadman.timer");
  const second = await vm.run();
  expect(second.exitCode, second.output).toBe(17);
  expect(second.lastLine).toMatch(/another activation is running.*nothing was changed/);
  const goOn = async () => {
    await vm.inside("touch /run/go");
    return readRun(await first);
  };
  const { run, ending, after } = await runRecorded("two activations at once: the first", vm, goOn, before);
  expect(run.exitCode, run.output).toBe(0);
  expect(ending).toBe("new system confirmed");
  expect(after.leftovers).toEqual([]);
});

test("of ten machines at once nine are confirmed, and the tenth runs its old system", async ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  const vms = await Promise.all(Array.from({ length: 10 }, startBooted));
  vms[6]?.configure('{ activation = "false"; }');
  const results = await Promise.all(
    vms.map((vm, index) => {
      const fault =
        index === 6 ? "the one of ten machines at once that fails" : "the nine of ten machines at once";
      return runRecorded(fault, vm, () => vm.run({ NIXHERD_DEADLINE_SECONDS: "90" }));
    }),
  );
  const failed = results.filter(({ run }) => run.exitCode !== 0);
  expect(failed.map(({ run, ending }) => [run.exitCode, ending])).toEqual([[14, "old system"]]);
  expect(results.filter(({ ending }) => ending === "new system confirmed")).toHaveLength(9);
});
