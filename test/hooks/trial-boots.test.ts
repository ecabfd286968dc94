import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { endingOf } from "./endings.ts";
import { type HookLab, readRun, until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

/** Runs the hook, and signals it as soon as it checks the health of the system on trial. */
async function signalAtHealth(
  lab: HookLab,
  signal: "SIGINT" | "SIGKILL",
  environment: Readonly<Record<string, string>>,
) {
  const running = lab.start({ NIXHERD_REBOOT: "always", ...environment });
  for await (const line of running) {
    if (line === "phase=health state=start ms=0") running.kill(signal);
  }
  return running;
}

async function killAtHealth(lab: HookLab, environment: Readonly<Record<string, string>>): Promise<void> {
  expect((await signalAtHealth(lab, "SIGKILL", environment)).signal).toBe("SIGKILL");
}

test.concurrent("a system that waits for a reboot is tried as soon as one is allowed, and the boot loader has the old one meanwhile", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: kernel panics\n");
  expect((await lab.run({ NIXHERD_ACTION: "boot" })).exitCode).toBe(0);
  expect(lab.bootedSystem()).not.toBe(before);
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(14);
  expect(run.lastLine).toMatch(/restarted by itself and runs the old system again/);
  expect(endingOf(lab, before)).toBe("old system");
});

test.concurrent("a system that runs already, and only waits for its kernel, is restarted by the boot loader", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: other kernel\n");
  expect((await lab.run({ NIXHERD_ACTION: "test" })).exitCode).toBe(0);
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(run.output).not.toMatch(/on trial/);
  expect(run.phases.filter((phase) => /^(confirm|reboot) /.test(phase))).toEqual(["confirm ok", "reboot ok"]);
  expect(endingOf(lab, before)).toBe("new system confirmed");
});

test.concurrent("a machine that refuses kexec is booted by its boot loader, with nothing loaded any more", async () => {
  const lab = await labs.start();
  const units = join(lab.machine.root, "etc/systemd/system");
  mkdirSync(units, { recursive: true });
  symlinkSync("/dev/null", join(units, "kexec.target"));
  lab.configure("# embedded: needs reboot\n");
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(run.output).toMatch(
    /past its boot loader: Failed to start kexec\.target: Unit kexec\.target is masked/,
  );
  expect(run.phases.filter((phase) => phase.startsWith("reboot "))).toEqual(["reboot fail", "reboot ok"]);
});

test.concurrent("a restart is the boot loader's, even if somebody has loaded another kernel", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  writeFileSync(join(lab.machine.root, "run/kexec"), `${before.slice(lab.machine.root.length)}\n`);
  writeFileSync(join(lab.machine.root, "proc/sys/kernel/kexec_load_disabled"), "1\n");
  lab.configure("# embedded: needs reboot\n");
  const run = await lab.run({ NIXHERD_REBOOT: "always" });
  expect(run.exitCode, run.output).toBe(0);
  expect(endingOf(lab, before)).toBe("new system confirmed");
});

test.concurrent("an interrupted trial is restarted into the old system", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: other kernel\n");
  const health = '[{"command":"sleep 20","retries":0,"timeoutSeconds":25}]';
  const run = readRun(await signalAtHealth(lab, "SIGINT", { NIXHERD_HEALTH: health }));
  expect(run.exitCode, run.output).toBe(130);
  expect(run.lastLine).toMatch(/not confirmed; the machine was asked to restart into the old system/);
  await until("the old system runs", () => endingOf(lab, before) === "old system");
});

test.concurrent("an interrupted trial of a machine that nobody reaches is left to the machine's timer", async () => {
  const lab = await labs.start();
  lab.configure("# embedded: kernel hangs\n");
  const running = lab.start({ NIXHERD_REBOOT: "always" });
  await until("the kernel hangs", () => existsSync(join(lab.machine.root, "run/frozen")));
  running.kill("SIGINT");
  const run = readRun(await running);
  expect(run.exitCode, run.output).toBe(130);
  expect(run.lastLine).toMatch(/cannot be reached now\. Its timer, or a reset, brings back the old system/);
});

test.concurrent("a system that nobody reaches on trial goes by the machine's own timer", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: kernel, no network\n");
  const run = await lab.run({
    NIXHERD_REBOOT: "always",
    NIXHERD_CONFIRM_SECONDS: "3",
    NIXHERD_ROLLBACK_SECONDS: "3",
  });
  expect(run.exitCode, run.output).toBe(14);
  expect(run.lastLine).toMatch(
    /did not come up; the machine restarted by itself and runs the old system again/,
  );
  expect(endingOf(lab, before)).toBe("old system");
});

test.concurrent("a machine whose timer does not come either is waited for no longer than the run's deadline", async () => {
  const lab = await labs.start();
  lab.configure("# embedded: kernel hangs\n");
  const run = await lab.run({
    NIXHERD_REBOOT: "always",
    NIXHERD_CONFIRM_SECONDS: "3",
    NIXHERD_ROLLBACK_SECONDS: "1",
    NIXHERD_DEADLINE_SECONDS: "20",
  });
  expect(run.exitCode, run.output).toBe(22);
  expect(run.lastLine).toMatch(
    /within 3s.*nor did its timer bring it back\. A reset brings back the old system/,
  );
});

test.concurrent("a killed hook leaves the trial to the machine, which no other run may touch, and a restart ends", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: other kernel\n");
  await killAtHealth(lab, { NIXHERD_CONFIRM_SECONDS: "120" });
  expect(lab.runningSystem()).not.toBe(before);
  expect(lab.bootedSystem()).toBe(before);
  // The one that is to make it permanent, and the one that would only have it run, as it does.
  for (const action of ["switch", "test"]) {
    const next = await lab.run({ NIXHERD_ACTION: action });
    expect(next.exitCode, next.output).toBe(17);
    expect(next.lastLine).toMatch(/waits to be confirmed \(nixherd-trial\.timer\)/);
  }
  await lab.machine.restart();
  expect(endingOf(lab, before)).toBe("old system");
});

test.concurrent.for([
  ["", "other kernel"],
  [", with a systemd that makes no unit of the kernel's words", "other kernel, older systemd"],
])(
  "a machine whose hook was killed in a trial goes back by itself%s, and the next run is fine",
  async ([, module], { expect }) => {
    const lab = await labs.start();
    const before = lab.runningSystem();
    lab.configure(`# embedded: ${module}\n`);
    const seconds = { NIXHERD_CONFIRM_SECONDS: "15", NIXHERD_ROLLBACK_SECONDS: "1" };
    await killAtHealth(lab, seconds);
    expect(lab.runningSystem()).not.toBe(before);
    await until("the old system runs", () => endingOf(lab, before) === "old system");
    const next = await lab.run({ NIXHERD_REBOOT: "always" });
    expect(next.exitCode, next.output).toBe(0);
    expect(endingOf(lab, before)).toBe("new system confirmed");
  },
);

test.concurrent("a trial whose confirmation fails ends by itself, whether its hook lives or not", async () => {
  const lab = await labs.start();
  const before = lab.runningSystem();
  lab.configure("# embedded: kernel, no boot loader\n");
  await killAtHealth(lab, { NIXHERD_CONFIRM_SECONDS: "120" });
  const onTrial = lab.runningSystem().slice(lab.machine.root.length);
  await runRemote(lab, ["begin", "run-1", onTrial, "trial", "10", "10"]);
  await until("the restart is due", () => lab.isRunning("nixherd-trial-end.timer"));
  expect(lab.isRunning("nixherd-trial.timer")).toBe(false);
  await until("the old system runs", () => endingOf(lab, before) === "old system");
});

/** Runs a command of the hook's remote script on the machine. */
async function runRemote({ cluster, machine, temporary }: HookLab, words: readonly string[]): Promise<void> {
  const hooks = join(import.meta.dirname, "../../scripts/hooks");
  const assemble = `SCRATCH=${temporary}; source ${hooks}/lib/remote.sh; assemble_remote ${hooks}/remote`;
  await execa("bash", ["-c", assemble]);
  await execa(
    "ssh",
    ["-F", join(cluster.folder, "ssh_config"), machine.address, "bash", "-s", "--", ...words],
    { inputFile: join(temporary, "remote") },
  );
}
