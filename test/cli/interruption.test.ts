import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { cleanEnvironment, dataStack, hooked, makeProject, type Project } from "./project.ts";
import { runOnTerminal } from "./terminal.ts";

/** Waits until a file says that something has begun. */
async function waitForFile(project: Project, file: string): Promise<void> {
  await vi.waitFor(() => project.read(file), { timeout: 30_000, interval: 50 });
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s during an apply lets Terraform end and save its state, and ends with 130.",
  async (signal) => {
    const project = await makeProject({
      demo: dataStack({ quick: {}, "nixos-101": hooked("touch ../../../begun; sleep 600") }),
    });
    const child = project.start(["apply", "--yes"]);
    await waitForFile(project, "begun");
    child.kill(signal);
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(130);
    expect(stderr).toContain("Interrupted: waiting for running steps to end cleanly");
    expect(stderr).toMatch(/^error INTERRUPTED: demo: \w+ apply was interrupted and ended cleanly\.$/m);
    const { resources } = JSON.parse(await project.read("terraform.demo.tfstate"));
    expect(resources.map(({ name }: { name: string }) => name)).toEqual(["nixos-101", "quick"]);
    const next = await project.run(["plan"]);
    expect(next).toMatchObject({ exitCode: 3, stderr: "", stdout: expect.stringContaining("1 NixOS step") });
  },
);

/** A program that is OpenTofu, except that its apply is in the middle of a clone until a file "go" appears. */
const slowProgram = `#!/usr/bin/env bash
[ "$1" = apply ] || exec "$REAL_BINARY" "$@"
cd ../../..
trap 'echo interrupted >> signals' INT
trap 'echo terminated >> signals' TERM
echo '{"type":"apply_start","hook":{"resource":{"addr":"proxmox_virtual_environment_vm.vm-101"},"action":"create"}}'
touch begun
until [ -e go ]; do sleep 0.05; done
exit 1
`;

test("A second Ctrl-C says what is waited for, and does not reach Terraform.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.write("slow-tofu", slowProgram);
  await chmod(join(project.root, "slow-tofu"), 0o755);
  const { TERRAFORM_BINARY_NAME: real = "" } = await cleanEnvironment();
  const env = { TERRAFORM_BINARY_NAME: join(project.root, "slow-tofu"), REAL_BINARY: real };
  const child = project.start(["apply", "--yes"], env);
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  await waitForFile(project, "begun");
  child.kill("SIGINT");
  await vi.waitUntil(() => stderr.includes("Interrupted:"), { timeout: 20_000 });
  child.kill("SIGTERM");
  await vi.waitUntil(() => stderr.includes("Still waiting for:"), { timeout: 20_000 });
  await waitForFile(project, "signals");
  await project.write("go", "");
  expect((await child).exitCode).toBe(130);
  expect(stderr).toMatch(/Still waiting for:\n {2}demo: vm-101 \(101\), create for \d+ s\n/);
  expect(await project.read("signals")).toBe("interrupted\n");
});

test("Stacks that had not begun when the command was interrupted are not begun.", async () => {
  const stacks = Object.fromEntries(
    ["a", "b", "c", "d"].map((name) => [
      name,
      dataStack({ one: hooked(`touch ../../../begun-${name}; sleep 600`) }),
    ]),
  );
  const project = await makeProject({ ...stacks, e: dataStack({ one: hooked("touch ../../../begun-e") }) });
  const child = project.start(["apply", "--yes"]);
  for (const name of ["a", "b", "c", "d"]) await waitForFile(project, `begun-${name}`);
  child.kill("SIGINT");
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(130);
  expect(stderr).toContain("error INTERRUPTED: e: Nothing was begun in stack e.");
  await expect(project.read("begun-e")).rejects.toMatchObject({ code: "ENOENT" });
});

test("Ctrl-C on a terminal reaches Terraform once, and the list says that it was interrupted.", async () => {
  const project = await makeProject({
    demo: dataStack({ "nixos-101": hooked("echo begun; sleep 600"), quick: {} }),
  });
  const { exitCode, screen } = await runOnTerminal(project, ["apply", "--yes"], [["begun", "\u0003"]]);
  expect(exitCode).toBe(130);
  expect(screen).toContain("Interrupted: waiting for running steps to end cleanly");
  expect(screen).toMatch(/✖ demo {2}vm-101 \(101\).*: failed/);
  expect(screen).toMatch(/error INTERRUPTED: demo: \w+ apply was interrupted and ended cleanly\./);
});

test("An interrupted synthesis changes nothing and ends with 130.", async () => {
  const project = await makeProject();
  await project.write(
    "app.mjs",
    'import { writeFileSync } from "node:fs"; writeFileSync("begun", ""); setTimeout(() => {}, 600_000);',
  );
  const child = project.start(["synth"]);
  await waitForFile(project, "begun");
  child.kill("SIGINT");
  expect(await child).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining("error INTERRUPTED: The synthesis was interrupted; nothing was changed."),
  });
});
