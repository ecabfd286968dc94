import { afterAll, beforeAll, expect, test } from "vitest";
import { type MoveLab, openMoveLab } from "./move-lab.ts";
import { terraformBinaries } from "./terraform-binaries.ts";

/** For the hook and then for the machine: a move between copies, a write to the new stack, one to the old. */
const lastWrite = 6;
let lab: MoveLab;

beforeAll(async () => {
  lab = await openMoveLab(terraformBinaries().at(-1) ?? "tofu", "http");
  lab.moveFile("old/web-1.json", "new/web-1.json");
});

afterAll(() => lab?.close());

test("A state that another run writes during a move stays as that run left it.", async () => {
  const server = lab.server;
  if (server === undefined) throw new Error("the lab has no state server");
  server.onLock = (name) => {
    const state = JSON.parse(server.states.get(name) ?? "{}");
    const outputs = { ...state.outputs, other: { value: "run", type: "string" } };
    server.states.set(name, JSON.stringify({ ...state, outputs, serial: state.serial + 1 }));
  };
  const refused = await lab.run("move", "101", "--yes");
  server.onLock = () => undefined;
  expect(refused.exitCode, refused.all).toBe(1);
  expect(refused.all).toContain("error STATE_CHANGED");
  expect(lab.holders()).toEqual(["old"]);
});

test("A move that was cut off has the machine in both states, which destroys nothing; run again it ends.", async () => {
  expect(await lab.killMove(lastWrite)).toBe(true);
  expect(lab.holders()).toEqual(["new", "old"]);
  const applied = await lab.run("apply", "old", "--yes", "--allow-destroy", "9");
  expect(applied.exitCode, applied.all).toBe(1);
  expect(applied.all).toContain("nixherd move 101");

  const moved = await lab.run("move", "101", "--yes");
  expect(moved.exitCode, moved.all).toBe(0);
  expect(lab.holders()).toEqual(["new"]);
  const planned = await lab.run("plan");
  expect(planned.exitCode, planned.all).toBe(0);
  expect(await lab.vmIds()).toEqual([101, 102]);
  expect(lab.hooksRun().toSorted()).toEqual(["web-1", "web-2"]);
});
