import { expect, test } from "vitest";
import { useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

test.concurrent("a health check that fails is named with its answer", async () => {
  const lab = await labs.start();
  const run = await lab.run({ NIXHERD_HEALTH: '[{"unit":"postgresql.service","retries":1}]' });
  expect(run.exitCode).toBe(19);
  expect(run.phases).toContain("health fail");
  expect(run.lastLine).toContain('health check unit "postgresql.service" failed: inactive');
});

test.concurrent("every kind of health check is asked on the machine", async () => {
  const lab = await labs.start();
  const checks = [
    { unit: "nginx.service" },
    { http: "http://127.0.0.1/" },
    { tcp: "127.0.0.1:80" },
    { command: "test -e $NIXHERD_ROOT/etc/os-release && [ \"a b\" = 'a b' ]" },
  ];
  const passed = await lab.run({ NIXHERD_HEALTH: JSON.stringify(checks) });
  expect(passed.output).toContain("4 of 4 health checks passed");
  const failed = await lab.run({ NIXHERD_HEALTH: '[{"command":"exit 3","retries":0}]' });
  expect(failed.lastLine).toContain("failed: exit code 3");
});
