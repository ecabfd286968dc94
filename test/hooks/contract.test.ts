import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect, test } from "vitest";
import { type HookLab, readRun, until, useHookLabs } from "./hook-lab.ts";
import { recordTools } from "./tool-folder.ts";

const labs = useHookLabs();

const secretOf = (token: string): string => token.slice(token.indexOf("=") + 1);

test.concurrent.for([
  { name: "NIXHERD_VM_ID", value: "" },
  { name: "NIXHERD_VM_ID", value: "1;reboot" },
  { name: "NIXHERD_VM_NAME", value: "a b" },
  { name: "NIXHERD_STACK", value: "../x" },
  { name: "NIXHERD_ADDRESS", value: "-oProxyCommand=x" },
  { name: "NIXHERD_SSH_USER", value: "-l" },
  { name: "NIXHERD_ATTRIBUTE", value: 'a"b' },
  { name: "NIXHERD_SYSTEM", value: "/etc/passwd" },
  { name: "NIXHERD_BUILD_ON", value: "moon" },
  { name: "NIXHERD_ACTION", value: "reboot" },
  { name: "NIXHERD_DEADLINE_SECONDS", value: "soon" },
  { name: "NIXHERD_ACTIVATION", value: "magic" },
  { name: "NIXHERD_CONFIRM_SECONDS", value: "0" },
  { name: "NIXHERD_DEGRADED", value: "ignore" },
  { name: "NIXHERD_REBOOT", value: "sat 2:00-4:00" },
  { name: "NIXHERD_RESET_WHEN_LOST", value: "maybe" },
  { name: "NIXHERD_BUILD_ON", value: "ssh://-oProxyCommand=x" },
  { name: "NIXHERD_AGENT", value: "yes" },
  { name: "NIXHERD_NIXOS", value: "1" },
])("$name '$value' is refused before anything happens", async ({ name, value }) => {
  const run = await labs.open().run({ [name]: value });
  expect(run.exitCode).toBe(2);
  expect(run.phases).toEqual([]);
  expect(run.lastLine).toContain(`${name} is '${value}'`);
});

test.concurrent("the token is in no program's arguments, in no output and in no file", async () => {
  const lab = labs.open();
  await lab.machine.create();
  const recorded = join(lab.temporary, "../argv");
  recordTools(join(lab.temporary, "../recording-bin"), recorded);
  const run = await lab.run({ PATH: join(lab.temporary, "../recording-bin") });
  expect(run.exitCode).toBe(0);
  const secret = secretOf(lab.cluster.token);
  const argv = readFileSync(recorded, "utf8");
  expect(argv).toMatch(/^curl$/m);
  expect(argv).not.toContain(secret);
  expect(run.output).not.toContain(secret);
  const holders = filesBelow(lab.root).filter((file) => readFileSync(file, "utf8").includes(secret));
  expect(holders).toEqual([]);
});

test.concurrent("host keys are always checked, against a file of the machine's own", async () => {
  const lab = labs.open();
  await lab.machine.create();
  const recorded = join(lab.temporary, "../argv");
  recordTools(join(lab.temporary, "../recording-bin"), recorded);
  await lab.run({ PATH: join(lab.temporary, "../recording-bin") });
  const argv = readFileSync(recorded, "utf8");
  const options = [
    ...argv.matchAll(/^(StrictHostKeyChecking|UserKnownHostsFile|GlobalKnownHostsFile)=.*$/gm),
  ];
  expect(new Set(options.map(([option]) => option))).toEqual(
    new Set([
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=.nixherd/known_hosts/${lab.vmId}`,
      "GlobalKnownHostsFile=/dev/null",
    ]),
  );
});

test.concurrent("an interrupted run says so, leaves nothing behind here, and the old system comes back", async () => {
  const lab = labs.open();
  await lab.machine.create();
  const before = lab.runningSystem();
  lab.configure("# embedded: hang activation\n");
  const running = lab.start();
  await until("the activation runs", () => lab.isRunning("nixherd-activation.service"));
  running.kill("SIGTERM");
  const run = readRun(await running);
  expect(run.exitCode).toBe(130);
  expect(run.lastLine).toContain(
    "interrupted while the new system was not confirmed; the machine was asked to run the old system again",
  );
  await until("the temporary folder is empty", () => readdirSync(lab.temporary).length === 0);
  await until("the machine has decided", () => !lab.isRunning("nixherd-deadman.timer"));
  await until("the old system runs", () => lab.runningSystem() === before);
  await until("no process of the run is left", () => processesOf(lab).length === 0);
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

/** Command lines of processes that know a path of the run's temporary folder. */
function processesOf(lab: HookLab): string[] {
  const { stdout } = execaSync("ps", ["-A", "-ww", "-o", "args="]);
  return stdout.split("\n").filter((line) => line.includes(lab.temporary));
}
