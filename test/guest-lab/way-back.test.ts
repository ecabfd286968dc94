import { test } from "vitest";
import { noLab } from "./lab-base.ts";
import { endingOf, type LabVm, useGuestLab } from "./lab-machines.ts";
import { untilBooted, untilSaid } from "./run-cell.ts";

const lab = useGuestLab();
const sleeping = "[Service]\\nExecStart=/bin/sleep infinity\\n";

/** Which of the units run, as systemd says. */
async function statesOf(vm: LabVm, units: readonly string[]): Promise<string[]> {
  return (await vm.inside(`systemctl is-active ${units.join(" ")} || true`)).split("\n");
}

async function confirm(vm: LabVm, module: string): Promise<void> {
  vm.configure(module);
  const run = await vm.run();
  if (run.exitCode !== 0) throw new Error(run.output);
}

test.concurrent("units that were stopped run again after an activation that was killed before it started any", ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  return lab.use(async (vm) => {
    await untilBooted(vm);
    const slow = (exec: string) =>
      `"slow.service" = "[Unit]\\nStartLimitBurst=1\\n[Service]\\nExecStart=/bin/sleep ${exec}\\nExecStop=/bin/sleep 5\\n";`;
    const [changed, removed] = [`"changed.service" = "${sleeping}";`, `"removed.service" = "${sleeping}";`];
    await confirm(vm, `{ units = { ${slow("infinity")} ${changed} ${removed} }; }`);
    const before = await vm.state();
    vm.configure(`{ units = { ${slow("1d")} ${changed.replace("infinity", "1d")} }; }`);
    const running = vm.start();
    await untilSaid(vm, "systemctl is-active slow | grep --quiet deactivating");
    await vm.inside("systemctl kill --signal KILL nixherd-activation.service");
    const { exitCode, all } = await running;
    expect(exitCode, all).toBe(14);
    expect(endingOf(await vm.state(), before)).toBe("old system");
    expect(await statesOf(vm, ["slow", "changed", "removed"]), all).toEqual(["active", "active", "active"]);
    expect(await vm.inside("ls /run/nixos")).toBe("switch-to-configuration.lock");
  });
});

test.concurrent("units that were stopped run again though logind, and with it every activation, ends half-way (11)", ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  return lab.use(async (vm) => {
    await untilBooted(vm);
    const before = await vm.state();
    vm.configure(`{
      activation = "systemctl mask --runtime --now systemd-logind.service";
      units."web.service" = "[Service]\\nExecStart=/bin/sleep 1d\\n";
    }`);
    const run = await vm.run();
    expect(run.exitCode, run.output).toBe(14);
    expect(run.lastLine).toMatch(/ended with 11\); the machine runs the old system again, \S+, whose switch/);
    expect(endingOf(await vm.state(), before)).toBe("old system");
    expect(await statesOf(vm, ["web"]), run.output).toEqual(["active"]);
  });
});

test.concurrent("no check of the old system forbids the way back, which tells what only a person had started", ({
  expect,
  skip,
}) => {
  skip(noLab !== "", noLab);
  return lab.use(async (vm) => {
    await untilBooted(vm);
    const byHand = 'byHand = [ "hand.service" ];';
    const check = 'preSwitchCheck = "test ! -e /run/busy";';
    await confirm(vm, `{ ${check} ${byHand} units."hand.service" = "${sleeping}"; }`);
    await vm.inside("systemctl start hand.service");
    const before = await vm.state();
    vm.configure('{ activation = "touch /run/busy"; }');
    const run = await vm.run({ NIXHERD_HEALTH: '[{"command":"false","retries":0}]' });
    expect(run.exitCode, run.output).toBe(19);
    expect(run.lastLine).toMatch(
      /runs the old system again, \S+, in which these units ran before and do not now: hand\.service\./,
    );
    expect(endingOf(await vm.state(), before)).toBe("old system");
  });
});
