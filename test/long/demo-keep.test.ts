import { execa } from "execa";
import { expect, test } from "vitest";
import { demoTimeoutMs, leftovers, openClone } from "../scripts/demo-clone.ts";

test(
  "a demo with --keep leaves the cluster running until the command it names ends it",
  async () => {
    const clone = await openClone();
    const { exitCode, stdout, all } = await clone.demo("--keep");
    expect(exitCode, all).toBe(0);
    const [, use = "", end = ""] = /To use it:\n\n([\s\S]*)\n\nTo end it:\n\n {2}(.*)$/.exec(stdout) ?? [];
    const useByItself = `${use} --auto-approve`;
    const used = await execa("bash", ["-ec", useByItself], { env: { TMPDIR: clone.temporary } });
    expect(used.stdout).toMatch(/Apply complete! Resources: 2 added, 0 changed, 0 destroyed/);
    await execa("bash", ["-ec", end], { env: { TMPDIR: clone.temporary } });
    expect(await leftovers(clone)).toEqual([]);
  },
  demoTimeoutMs,
);
