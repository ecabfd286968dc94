import { expect, test } from "vitest";
import { dataStack, eventsOf, hooked, makeProject } from "./project.ts";

const phases = [
  "phase=ssh state=start ms=0",
  "vm-101 (101): waiting for SSH",
  "phase=ssh state=ok ms=120",
  "phase=copy state=skip ms=0",
  "phase=build state=ok ms=2400",
];

/** A hook that prints these lines. */
function printing(lines: readonly string[], ending = "true"): object {
  return hooked([...lines.map((line) => `echo '${line}'`), ending].join("; "));
}

test("An apply tells what happens to each machine, phase by phase, and sums the durations up.", async () => {
  const project = await makeProject({ demo: dataStack({ "nixos-101": printing(phases), other: {} }) });
  const run = await project.run(["apply", "--yes"]);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  const lines = run.stdout.split("\n");
  expect(lines).toContain("demo  vm-101 (101)  NixOS step begins");
  expect(lines).toContain("demo  vm-101 (101)  | waiting for SSH");
  expect(lines).toContain("demo  vm-101 (101)  ssh done after 120 ms");
  expect(run.stdout).toMatch(/demo {2}terraform_data\.other {2}made after \d+ ms/);
  expect(run.stdout).toMatch(
    /demo: done after [^\n]*\n {2}vm-101 \(101\): NixOS step .* \(ssh 120 ms, build 2\.4 s\)$/,
  );
});

test("With --json the same is told as events.", async () => {
  const project = await makeProject({ demo: dataStack({ "nixos-101": printing(phases) }) });
  const events = eventsOf(await project.run(["apply", "--yes", "--json"]));
  const machine = { stack: "demo", vmId: 101, name: "vm-101" };
  expect(events.slice(3)).toMatchObject([
    { event: "applying", stacks: ["demo"] },
    { event: "machine", ...machine, part: "nixos", state: "running", action: "create" },
    { event: "phase", ...machine, phase: "ssh", state: "start" },
    { event: "hook-line", ...machine, line: "vm-101 (101): waiting for SSH" },
    { event: "phase", ...machine, phase: "ssh", state: "ok", durationMs: 120 },
    { event: "phase", ...machine, phase: "copy", state: "skip" },
    { event: "phase", ...machine, phase: "build", state: "ok", durationMs: 2400 },
    { event: "machine", ...machine, part: "nixos", state: "complete" },
    {
      event: "applied",
      stack: "demo",
      isComplete: true,
      machines: [{ vmId: 101, phases: [{ phase: "ssh" }, { phase: "build", durationMs: 2400 }] }],
    },
  ]);
});

test("An apply without changes does nothing and needs no answer but --yes.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.run(["apply", "--yes"]);
  const events = eventsOf(await project.run(["apply", "--yes", "--json"]));
  expect(events.map(({ event }) => event)).toEqual(["synth", "plan"]);
});

test("A failing stack does not stop the others; its hook's words and advice are shown, and only it runs again.", async () => {
  const words = "db-1 (201): no SSH at 10.0.0.1. Check that the machine booted.";
  const project = await makeProject({
    bad: dataStack({ "nixos-201": printing([words], "exit 10"), fine: {} }),
    good: dataStack({ "nixos-101": printing(["done"]) }),
  });
  const first = await project.run(["apply", "--yes"]);
  expect(first.exitCode).toBe(1);
  expect(first.stdout).toContain("good: done after");
  expect(first.stdout).toContain("bad: stopped after");
  expect(first.stderr).toMatch(
    /^error SSH_REFUSED: bad: db-1 \(201\): no SSH at 10\.0\.0\.1\.\n {2}local-exec provisioner error/,
  );
  expect(first.stderr).toMatch(/\n {2}-> Check that the machine booted\.$/);

  await project.setStacks({
    bad: dataStack({ "nixos-201": printing(["repaired"]), fine: {} }),
    good: dataStack({ "nixos-101": printing(["done"]) }),
  });
  const second = await project.run(["apply", "--yes"]);
  expect(second.exitCode).toBe(0);
  expect(second.stdout).toContain("good: no changes");
  expect(second.stdout).toContain("bad: 1 NixOS step");
  expect(second.stdout).toContain("NixOS step again (it failed the last time)");
});

test("Several failures in one stack are all told.", async () => {
  const project = await makeProject({
    demo: dataStack({
      "nixos-101": printing(["vm-101 (101): first. Do this."], "exit 12"),
      "nixos-102": printing([], "exit 11"),
    }),
  });
  const { stderr } = await project.run(["apply", "--yes"]);
  expect(stderr.match(/^error \w+/gm)?.toSorted()).toEqual(["error BUILD_FAILED", "error HOST_KEY_CHANGED"]);
});

test("A destroy ends what is there, and the next plan makes it again.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }), prod: dataStack({ two: {} }) });
  await project.run(["apply", "--yes"]);
  const destroyed = await project.run(["destroy", "demo", "--yes"]);
  expect(destroyed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(destroyed.stdout).toMatch(/demo {2}terraform_data\.one {2}destroyed/);
  const { stdout } = await project.run(["plan"]);
  expect(stdout).toContain("demo: 1 to create");
  expect(stdout).toContain("prod: no changes");
});

test("Outputs show the machines as a table and everything else by name, secrets never.", async () => {
  const machines = {
    101: { id: 101, name: "web-1", node: "pve1", address: "10.0.20.11", ssh: "ssh root@10.0.20.11" },
  };
  const output = {
    machines: { value: machines },
    colour: { value: "blue" },
    hidden: { value: "open sesame", sensitive: true },
  };
  const project = await makeProject({ demo: { ...dataStack({ one: {} }), output }, empty: {} });
  await project.run(["apply", "demo", "--yes"]);
  const { stdout } = await project.run(["output"]);
  expect(stdout.split("\n")).toEqual([
    "demo:",
    "  VMID  NAME   NODE  ADDRESS     SSH",
    "  101   web-1  pve1  10.0.20.11  ssh root@10.0.20.11",
    '  colour = "blue"',
    '  hidden = "(sensitive)"',
    expect.stringMatching(/^empty: initialised/),
    "empty: no outputs (nothing was applied yet)",
  ]);
  const [json] = eventsOf(await project.run(["output", "demo", "--json"]));
  expect(json).toMatchObject({
    stack: "demo",
    outputs: { colour: { value: "blue" }, hidden: { sensitive: true, value: "(sensitive)" } },
  });
});

test("A secret that a hook prints is masked in lines, in events and in errors.", async () => {
  const token = "ops@pve!ci=0f8fad5b-d9cb-469f-a165-70867728950e";
  const leaking = hooked('echo "token $PROXMOX_VE_API_TOKEN word $SOME_PASSWORD"; exit 3');
  const project = await makeProject({ demo: dataStack({ "nixos-101": leaking }) });
  const env = { PROXMOX_VE_API_TOKEN: token, SOME_PASSWORD: "correct horse" };
  for (const args of [
    ["apply", "--yes"],
    ["apply", "--yes", "--json"],
  ]) {
    const { stdout, stderr } = await project.run(args, env);
    expect(stdout + stderr).toContain("token *** word ***");
    expect(stdout + stderr).not.toMatch(/0f8fad5b|correct horse/);
  }
});
