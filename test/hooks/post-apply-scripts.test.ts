import { expect, test } from "vitest";
import { isAlive } from "../is-alive.ts";
import { until, useHookLabs } from "./hook-lab.ts";

const labs = useHookLabs();

const bare = { NIXHERD_NIXOS: "false" };

test.concurrent("scripts run in order, in the repository's root, with the hook's environment", async () => {
  const lab = await labs.start();
  lab.write("hooks/first.sh", '#!/bin/bash\necho "first $NIXHERD_VM_NAME $NIXHERD_ADDRESS" >>order\n', 0o755);
  lab.write("hooks/second one.sh", '#!/bin/bash\necho "second $NIXHERD_ACTION" >>order\n', 0o755);
  const run = await lab.run({ ...bare, NIXHERD_POST_APPLY: '["hooks/first.sh","hooks/second one.sh"]' });
  expect(run.phases.at(-1)).toBe("post-apply ok");
  expect(lab.read("order")).toBe(`first ${lab.name} ${lab.machine.address}\nsecond switch\n`);
});

test.concurrent("an address that the hook found out reaches the scripts", async () => {
  const lab = await labs.start();
  lab.write("hooks/show.sh", "#!/bin/bash\necho $NIXHERD_ADDRESS >address\n", 0o755);
  await lab.run({ NIXHERD_ADDRESS: "", NIXHERD_POST_APPLY: '["hooks/show.sh"]' });
  expect(lab.read("address")).toBe(`${lab.machine.address}\n`);
});

test.concurrent("a script that is not there is named", async () => {
  const lab = await labs.start();
  const run = await lab.run({ ...bare, NIXHERD_POST_APPLY: '["hooks/missing.sh"]' });
  expect(run.exitCode).toBe(20);
  expect(run.lastLine).toContain("hooks/missing.sh does not exist");
});

test.concurrent("a script that is not executable is named, with the way out", async () => {
  const lab = await labs.start();
  lab.write("hooks/plain.sh", "#!/bin/bash\n", 0o644);
  const run = await lab.run({ ...bare, NIXHERD_POST_APPLY: '["hooks/plain.sh"]' });
  expect(run.exitCode).toBe(20);
  expect(run.lastLine).toContain("hooks/plain.sh is not executable. Run chmod +x hooks/plain.sh");
});

test.concurrent("a script that fails stops those after it", async () => {
  const lab = await labs.start();
  lab.write("hooks/fails.sh", "#!/bin/bash\nexit 7\n", 0o755);
  lab.write("hooks/after.sh", "#!/bin/bash\ntouch after\n", 0o755);
  const run = await lab.run({ ...bare, NIXHERD_POST_APPLY: '["hooks/fails.sh","hooks/after.sh"]' });
  expect(run.exitCode).toBe(20);
  expect(run.lastLine).toContain("hooks/fails.sh ended with exit code 7");
  expect(() => lab.read("after")).toThrow("ENOENT");
});

test.concurrent("a script that does not end is stopped at the deadline, with its children", async () => {
  const lab = await labs.start();
  lab.write("hooks/hangs.sh", "#!/bin/bash\nsleep 3600 &\necho $! >child\nwait\n", 0o755);
  const run = await lab.run({
    ...bare,
    NIXHERD_DEADLINE_SECONDS: "5",
    NIXHERD_POST_APPLY: '["hooks/hangs.sh"]',
  });
  expect(run.exitCode).toBe(20);
  expect(run.lastLine).toContain("did not end within the deadline");
  await until("its child has ended", () => !isAlive(Number(lab.read("child"))));
});

test.concurrent("a list that is not JSON is refused as such", async () => {
  const lab = await labs.start();
  const run = await lab.run({ ...bare, NIXHERD_POST_APPLY: "hooks/first.sh" });
  expect(run.exitCode).toBe(2);
  expect(run.lastLine).toContain("NIXHERD_POST_APPLY");
});
