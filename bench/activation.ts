/**
 * Measures the hook on the guest lab's machines (a real systemd, sshd and Nix), as ratios within one run: a machine that
 * needs nothing, one whose system changed, ten against one, and the same commands by hand. Says why where there is no lab.
 */
import { performance } from "node:perf_hooks";
import { execa } from "execa";
import { noLab } from "../test/guest-lab/lab-base.ts";
import { type LabVm, openGuestLab } from "../test/guest-lab/lab-machines.ts";
import { untilBooted } from "../test/guest-lab/run-cell.ts";
import type { HookRun } from "../test/hooks/hook-lab.ts";

const rounds = 3;
let change = 0;

/** Makes the machine's next system another one. */
function changeSystem(vm: LabVm): void {
  change += 1;
  vm.configure(
    `{ units."change.service" = "[Service]\\nType=oneshot\\nExecStart=/bin/true # ${change}\\n"; }`,
  );
}

async function timed<T>(step: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const startedAt = performance.now();
  const result = await step();
  return { ms: performance.now() - startedAt, result };
}

function median(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;
}

/** Runs a step several times, after something that is not measured. */
async function repeat(before: () => unknown, step: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await before();
    times.push(await step());
  }
  return median(times);
}

async function hook(vm: LabVm, environment: Readonly<Record<string, string>> = {}): Promise<HookRun> {
  const run = await vm.run(environment);
  if (run.exitCode !== 0) throw new Error(run.output);
  return run;
}

/** Milliseconds that a run spent in a phase. */
function phaseMs({ output }: HookRun, phase: string): number {
  return Number(new RegExp(`^phase=${phase} state=ok ms=(\\d+)$`, "m").exec(output)?.[1] ?? 0);
}

/** What somebody would type: build on the machine, then make it the system and activate it. */
async function byHand(vm: LabVm): Promise<void> {
  const build = `d=$(mktemp -d) && tar -xf - -C $d && nix build --no-link --print-out-paths "path:$d#nixosConfigurations.${vm.name}.config.system.build.toplevel"`;
  const system = await shell(vm, `tar -cf - . | ssh -F "$CONFIG" root@${vm.machine.address} '${build}'`);
  const activate = `nix-env -p /nix/var/nix/profiles/system --set ${system} && ${system}/bin/switch-to-configuration switch`;
  await shell(vm, `ssh -F "$CONFIG" root@${vm.machine.address} '${activate}'`);
}

async function shell(vm: LabVm, script: string): Promise<string> {
  const env = { CONFIG: vm.sshConfig };
  const options = `-o StrictHostKeyChecking=yes -o HostKeyAlias=nixherd-vm-${vm.vmId}`;
  const command = script.replaceAll(
    "ssh -F",
    `ssh ${options} -o UserKnownHostsFile=.nixherd/known_hosts/${vm.vmId} -F`,
  );
  const { stdout } = await execa("bash", ["-euo", "pipefail", "-c", command], {
    cwd: vm.root,
    env,
    stderr: "ignore",
  });
  return stdout.trim();
}

function print(what: string, ms: number, ratio = ""): void {
  console.log(`${what.padEnd(58)} ${(ms / 1000).toFixed(2).padStart(7)} s  ${ratio}`);
}

if (noLab !== "") {
  console.log(`The hook is not measured: ${noLab}`);
} else {
  const lab = await openGuestLab();
  try {
    const vms = await Promise.all(Array.from({ length: 10 }, () => lab.start()));
    await Promise.all(vms.map((vm) => untilBooted(vm)));
    await measure(vms);
  } finally {
    await lab.stop();
  }
}

async function measure(vms: readonly LabVm[]): Promise<void> {
  const [vm] = vms;
  if (vm === undefined) throw new Error("no machine");
  await Promise.all(vms.map((each) => hook(each)));
  const changed = await repeat(
    () => changeSystem(vm),
    async () => (await timed(() => hook(vm))).ms,
  );
  const besides = await repeat(
    () => changeSystem(vm),
    async () => {
      const { ms, result } = await timed(() => hook(vm));
      return ms - phaseMs(result, "build") - phaseMs(result, "copy");
    },
  );
  const { running } = await vm.state();
  const hand = await repeat(
    () => changeSystem(vm),
    async () => (await timed(() => byHand(vm))).ms,
  );
  await hook(vm);
  const unchanged = await repeat(
    () => undefined,
    async () => (await timed(() => hook(vm))).ms,
  );
  const system = (await vm.state()).running;
  await hook(vm, { NIXHERD_SYSTEM: system });
  const known = await repeat(
    () => undefined,
    async () => (await timed(() => hook(vm, { NIXHERD_SYSTEM: system }))).ms,
  );
  const ten = await repeat(
    () => vms.forEach(changeSystem),
    async () => (await timed(() => Promise.all(vms.map((each) => hook(each))))).ms,
  );
  if (running === system) throw new Error("nothing was changed by hand");
  const against = (ms: number) => `${(ms / changed).toFixed(2)} x a changed machine`;
  print("changed machine, built on it", changed);
  print("  besides build and copy", besides, against(besides));
  print("  the same commands by hand, without any check or way back", hand, against(hand));
  print("ten changed machines at once", ten, against(ten));
  print("unchanged machine, its system built anew", unchanged, against(unchanged));
  print("unchanged machine, its system known: no login", known, against(known));
}
