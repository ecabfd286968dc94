import { expect, test } from "vitest";
import { formatSteps, stepWords } from "../../cli/render/format-steps.ts";
import type { PackageChange } from "../../guests/diff-closures.ts";
import { stepPlan } from "./step-plans.ts";

const plain = (_: unknown, text: string): string => text;

test("A step is one sentence, and the packages stand below it, the largest change first.", () => {
  expect(formatSteps("demo", [stepPlan()], plain)).toBe(
    [
      "demo: inside the machines",
      "  >   web-104 (104): switch (confirmed, 2 health checks); packages +0 -1 ~1, +1022.0 KiB; reboot for kernel (nixos.reboot: never); then runs scripts/hooks/announce.sh",
      "        ~  nginx   1.26 -> 1.28  +1.0 MiB",
      "        -  cowsay  3.8           -2.0 KiB",
    ].join("\n"),
  );
});

test("More than 25 packages are counted.", () => {
  const packages = Array.from({ length: 40 }, (_, index): PackageChange => {
    return { name: `package-${index}`, kind: "added", before: [], after: ["1"], grownBytes: index };
  });
  const change = { packages, bytesBefore: 0, bytesAfter: 780, rebootFor: [] };
  const lines = formatSteps("demo", [stepPlan({ change })], plain).split("\n");
  expect(lines).toHaveLength(2 + 25 + 1);
  expect(lines.at(2)).toContain("package-39");
  expect(lines.at(-1)?.trim()).toBe("and 15 more packages");
});

test.each([
  ["has only scripts of its own", { action: null, change: null }, "runs scripts/hooks/announce.sh"],
  [
    "runs the system already",
    { scripts: [], healthChecks: 0, running: stepPlan().system },
    "switch (confirmed); the machine runs this system",
  ],
  [
    "is not known here",
    { scripts: [], healthChecks: 1, change: null, unknown: "the store here does not have what runs" },
    "switch (confirmed, 1 health check); packages not compared: the store here does not have what runs",
  ],
  [
    "waits for the next boot",
    { scripts: [], healthChecks: 0, action: "boot", reboot: "02:00-04:00" },
    "boot (confirmed); packages +0 -1 ~1, +1022.0 KiB; active after a reboot (nixos.reboot: 02:00-04:00)",
  ],
  ["is a machine's first", { scripts: [], healthChecks: 0, change: null }, "switch (confirmed)"],
])("A step of a machine that %s says so.", (_, more, words) => {
  expect(stepWords(stepPlan(more))).toBe(words);
});
