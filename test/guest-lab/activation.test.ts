import { test } from "vitest";
import { noLab } from "./lab-base.ts";
import { endingOf, type LabVm, useGuestLab } from "./lab-machines.ts";
import { untilBooted } from "./run-cell.ts";

const lab = useGuestLab();

const ways: readonly [how: string, environment: (vm: LabVm) => Readonly<Record<string, string>>][] = [
  ["built on the machine", () => ({})],
  ["built on the machine by a user with sudo", () => ({ NIXHERD_SSH_USER: "ops" })],
  ["built here and copied", (vm) => ({ NIXHERD_BUILD_ON: "local", PATH: vm.pathWithNix })],
  [
    "built here and copied by a user with sudo",
    (vm) => ({ NIXHERD_BUILD_ON: "local", PATH: vm.pathWithNix, NIXHERD_SSH_USER: "ops" }),
  ],
];

test.concurrent.for(ways)(
  "a system that is %s is confirmed, found unchanged, and booted",
  async ([, environment], { expect, skip }) => {
    skip(noLab !== "", noLab);
    const vm = await lab.start();
    await untilBooted(vm);
    const before = await vm.state();
    const first = await vm.run(environment(vm));
    expect(first.exitCode, first.output).toBe(0);
    const after = await vm.state();
    expect(endingOf(after, before)).toBe("new system confirmed");
    expect(after.leftovers).toEqual([]);
    const second = await vm.run(environment(vm));
    expect(second.phases, second.output).toContain("activate skip");
    expect(second.exitCode).toBe(0);
    await vm.machine.restart();
    await untilBooted(vm);
    const booted = await vm.state();
    expect(booted.bootId).not.toBe(before.bootId);
    expect(endingOf(booted, before)).toBe("new system confirmed");
  },
);
