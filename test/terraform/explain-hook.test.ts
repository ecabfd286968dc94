import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { hookExitCodes } from "../../lib/hook-exit-codes.ts";
import { explainFailure } from "../../terraform/explain-failure.ts";

const context = { binary: { path: "/opt/tofu" }, path: "/repo/cdktf.out/stacks/demo", command: "apply" };
const address = "proxmox_virtual_environment_vm.vm-160";

function explain(summary: string, detail: string) {
  return explainFailure({ severity: "error", summary, detail, address }, context);
}

function hookFailure(ending: string, output: string) {
  const detail = `Error running command 'scripts/hooks/post-apply.sh': ${ending}. Output: ${output}`.trim();
  return explain("local-exec provisioner error", detail);
}

test.each([
  [
    "exit status 10",
    "phase=ssh state=fail ms=9000\nweb-1 (101): no SSH at root@10.0.20.11 within 900s; the last try said: refused. Check that the machine booted.\n",
    "SSH_REFUSED",
    "web-1 (101): no SSH at root@10.0.20.11 within 900s; the last try said: refused.",
    "Check that the machine booted.",
  ],
  [
    "exit status 11",
    "web-1 (101): the machine at 10.0.20.11 shows the host key SHA256:abc, expected SHA256:def. Another machine answers at this address.\n",
    "HOST_KEY_CHANGED",
    "web-1 (101): the machine at 10.0.20.11 shows the host key SHA256:abc, expected SHA256:def.",
    "Another machine answers at this address.",
  ],
  [
    "exit status 20",
    "web-1 (101): the post-apply script scripts/announce.sh is not executable. Run chmod +x scripts/announce.sh and commit it.\n",
    "HOOK_NOT_EXECUTABLE",
    "web-1 (101): the post-apply script scripts/announce.sh is not executable.",
    "Run chmod +x scripts/announce.sh and commit it.",
  ],
  [
    "exit status 20",
    "web-1 (101): the post-apply script scripts/announce.sh ended with exit code 3. Read its words above.\n",
    "HOOK_FAILED",
    "web-1 (101): the post-apply script scripts/announce.sh ended with exit code 3.",
    "Read its words above.",
  ],
  [
    "exit status 126",
    "/bin/sh: 1: scripts/hooks/post-apply.sh: Permission denied\n",
    "HOOK_NOT_EXECUTABLE",
    "A machine's hook failed: exit code 126.",
    "Make the script executable (chmod +x) and commit it.",
  ],
  [
    "exit status 11",
    "",
    "HOST_KEY_CHANGED",
    "A machine's hook failed: exit code 11.",
    "Find out who answers at the machine's address, then run the command again: it repeats the failed step and only it.",
  ],
  [
    "signal: killed",
    "",
    "HOOK_FAILED",
    "A machine's hook failed: it was ended by a signal.",
    "Read the hook's words, then run the command again: it repeats the failed step and only it.",
  ],
])("A hook that ends with %s says what and what to do: %s", (ending, output, code, what, hint) => {
  expect(hookFailure(ending, output)).toMatchObject({ code, what, hint });
});

test("Of a hook's output, the phase that failed is shown, without what the sentence says already.", () => {
  const output = [
    "phase=ssh state=start ms=0",
    "web-1 (101): connected",
    "phase=ssh state=ok ms=9",
    "phase=health state=start ms=0",
    "web-1 (101): checking",
    "phase=health state=fail ms=9",
    "phase=roll-back state=start ms=0",
    "  starting nginx.service",
    "phase=roll-back state=ok ms=9",
    "web-1 (101): health check failed. Correct it.",
  ].join("\n");
  expect(hookFailure("exit status 19", output)?.words).toBe(
    `local-exec provisioner error (${address}): exit code 19\nweb-1 (101): checking\n  starting nginx.service`,
  );
});

test("All of a hook's output is shown where no phase failed, or where its last line is none of the hook's.", () => {
  const words = "web-1 (101): checking\n";
  expect(hookFailure("exit status 2", `${words}web-1 (101): NIXHERD_NODE is ''. Set it.`)?.words).toContain(
    words.trim(),
  );
  expect(hookFailure("exit status 1", `${words}Killed`)?.words).toBeUndefined();
});

test("every exit code in the head of the hook has an error code and advice, and no others have", async () => {
  const head = await readFile("scripts/hooks/post-apply.sh", "utf8");
  const [, list = ""] = /# Exit code:\n((?:#.*\n)+)/.exec(head) ?? [];
  const documented = [...list.matchAll(/(?<=^# *| {2,})(\d+) [a-z]/gm)].map(([, code]) => Number(code));
  const failures = documented.filter((code) => code !== 0).toSorted((left, right) => left - right);
  const ofShells = [126, 127];
  const known = Object.keys(hookExitCodes).map(Number);
  expect(known.filter((code) => !ofShells.includes(code))).toEqual(failures);
  expect(failures).toHaveLength(15);
});
