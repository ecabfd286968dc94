import { expect, onTestFinished, test } from "vitest";
import { NixherdError } from "../../lib/errors.ts";
import { outcomeOf } from "../../reconcile/watch/failure-outcome.ts";
import {
  forgetMemory,
  readMemory,
  rememberedStacks,
  workLeft,
  writeMemory,
} from "../../reconcile/watch/stack-memory.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A configuration of machines with one attribute each. */
const configuration = (machines: Readonly<Record<number, string>>) => ({
  terraform: {},
  resource: {
    proxmox_virtual_environment_vm: Object.fromEntries(
      Object.entries(machines).map(([vmId, description]) => [`vm-${vmId}`, { description }]),
    ),
  },
});

test("what was never applied is applied whole, then only what differs", () => {
  const current = configuration({ 101: "a", 102: "b" });
  expect(workLeft({ attempted: "nothing" }, current)).toBe("everything");
  const applied = { applied: current, attempted: "nothing" } as const;
  expect(workLeft(applied, current)).toBe("nothing");
  expect(workLeft(applied, configuration({ 101: "a", 102: "c" }))).toEqual([102]);
});

test("what a run began and did not end stays to be done, also when the specs went back", () => {
  const applied = configuration({ 101: "a", 102: "b", 103: "c" });
  expect(workLeft({ applied, attempted: [102] }, applied)).toEqual([102]);
  expect(workLeft({ applied, attempted: [103] }, configuration({ 101: "x", 102: "b", 103: "c" }))).toEqual([
    101, 103,
  ]);
  expect(workLeft({ applied, attempted: "everything" }, applied)).toBe("everything");
});

test("what is remembered survives, by stack", async () => {
  const root = temporaryFolder(onTestFinished);
  expect(await rememberedStacks(root)).toEqual([]);
  const memory = { applied: configuration({ 101: "a" }), attempted: [101] };
  await writeMemory(root, "prod", memory);
  expect(await readMemory(root, "prod")).toEqual(memory);
  expect(await readMemory(root, "test")).toEqual({ attempted: "nothing" });
  expect(await rememberedStacks(root)).toEqual(["prod"]);
  await forgetMemory(root, "prod");
  expect(await rememberedStacks(root)).toEqual([]);
});

test("a failure is tried again if any of its causes may go away", () => {
  const error = (code: "PLAN_HELD" | "STATE_LOCKED" | "WRONG_TOKEN", cause?: unknown) =>
    new NixherdError(code, { message: "", hint: "", cause });
  expect(outcomeOf([])).toBe("done");
  expect(outcomeOf([error("PLAN_HELD")])).toBe("terminal");
  expect(outcomeOf([error("STATE_LOCKED")])).toBe("retry");
  expect(outcomeOf([error("PLAN_HELD"), error("STATE_LOCKED")])).toBe("retry");
  expect(outcomeOf([error("WRONG_TOKEN", new AggregateError([error("STATE_LOCKED")]))])).toBe("retry");
});
