import { test } from "vitest";
import { noLab } from "./lab-base.ts";
import { endingOf, useGuestLab } from "./lab-machines.ts";

const lab = useGuestLab();

test("a system is activated", async ({ expect, skip }) => {
  skip(noLab !== "", noLab);
  const vm = await lab.start();
  const before = await vm.state();
  const run = await vm.run();
  console.log(run.output);
  expect(run.exitCode, run.output).toBe(0);
  const after = await vm.state();
  expect(endingOf(after, before)).toBe("new system confirmed");
  expect(after.leftovers).toEqual([]);
  await vm.machine.restart();
  const again = await vm.run();
  console.log(again.output);
});
