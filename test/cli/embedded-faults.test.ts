import { expect, onTestFinished, test } from "vitest";
import { makeProject } from "./project.ts";

test("Faults are set from a file, shown with what met them, and ended; a file with mistakes changes nothing.", async () => {
  const project = await makeProject();
  expect(await project.run(["embedded", "faults", "show"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error EMBEDDED_NOT_RUNNING: /),
  });
  onTestFinished(async () => void (await project.run(["embedded", "down"])));
  expect(await project.run(["embedded", "up"])).toMatchObject({ exitCode: 0 });
  expect((await project.run(["embedded", "faults", "show"])).stdout).toBe("No faults are in force.");

  const rule = { fault: "status", status: 596, call: "GET /version", count: 2 };
  await project.write("faults.json", JSON.stringify({ seed: 4, rules: [rule] }));
  expect(await project.run(["embedded", "faults", "set", "faults.json"])).toMatchObject({
    exitCode: 0,
    stdout: "1 fault is in force.",
  });
  await project.write("wrong.json", JSON.stringify({ rules: [rule, { ...rule, status: 404 }] }));
  expect(await project.run(["embedded", "faults", "set", "missing.json"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error FILE_FAILED: .*missing\.json/),
  });
  expect(await project.run(["embedded", "faults", "set", "wrong.json"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^error EMBEDDED_FAULTS_INVALID: .*\n +\/rules\/1\/status: must be one of 500, 595, 596, 599\n {2}-> /,
    ),
  });
  expect((await project.run(["embedded", "faults", "show"])).stdout).toBe(
    "seed 4\nstatus status=596 call=GET /version count=2: 0 of 0 events met it",
  );
  const shown = await project.run(["embedded", "faults", "show", "--json"]);
  expect(JSON.parse(shown.stdout)).toEqual({
    seed: 4,
    rules: [{ ...rule, matched: 0, applied: 0, active: true }],
  });
  await project.write(
    "faults.json",
    JSON.stringify({ rules: [{ fault: "node-down", node: "pve2", lastsMs: 1 }] }),
  );
  await project.run(["embedded", "faults", "set", "faults.json"]);
  expect((await project.run(["embedded", "faults", "show"])).stdout).toBe(
    "seed 0\nnode-down node=pve2 lastsMs=1: over",
  );
  expect((await project.run(["embedded", "faults", "clear"])).stdout).toBe("All faults are over.");
  expect((await project.run(["embedded", "faults", "show"])).stdout).toBe("No faults are in force.");
});

test("A port that is none is refused by the command line.", async () => {
  const project = await makeProject();
  expect(await project.run(["embedded", "up", "--port", "99999"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("A port is a number from 1 to 65535."),
  });
});
