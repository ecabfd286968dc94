import { rmdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MoveLab, openMoveLab } from "./move-lab.ts";
import { terraformBinaries } from "./terraform-binaries.ts";

let lab: MoveLab;

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  lab = await openMoveLab(binary, "local");
});

afterAll(() => lab?.close());

test("A spec that moved to another stack destroys nothing, whatever is allowed, and both stacks name the way out.", async () => {
  lab.moveFile("old/web-1.json", "new/web-1.json");
  // As git leaves it: the folder goes with its last file, and only the state still knows the stack.
  rmdirSync(join(lab.repository.root, "vm-specs/old"));
  const planned = await lab.run("plan");
  expect(planned.exitCode, planned.all).toBe(1);
  const words =
    "web-1 (101) is in the state of stack old, and vm-specs/new/web-1.json describes it in stack new now: let the state follow with nixherd move 101";
  expect(planned.all).toContain(`error SPEC_MOVED: old: ${words}`);
  expect(planned.all).toContain(`error SPEC_MOVED: new: ${words}`);

  const applied = await lab.run("apply", "--yes", "--allow-destroy", "9");
  expect(applied.exitCode, applied.all).toBe(1);
  expect(applied.all).toContain("SPEC_MOVED: old");
  const destroyed = await lab.run("destroy", "old", "--yes");
  expect(destroyed.exitCode, destroyed.all).toBe(1);
  expect(await lab.vmIds()).toEqual([101, 102]);
});

test("A move that was cut off between two resources leaves the machine where it was, and goes on when it is run again.", async () => {
  expect(await lab.killMove(2)).toBe(true);
  expect(lab.holders()).toEqual(["old"]);
  const moved = await lab.run("move", "web-1", "--yes");
  expect(moved.exitCode, moved.all).toBe(0);
  expect(lab.holders()).toEqual(["new"]);
});

test("After a move the plans of both stacks are empty, and neither the machine nor its hook was touched.", async () => {
  const planned = await lab.run("plan");
  expect(planned.exitCode, planned.all).toBe(0);
  expect(await lab.vmIds()).toEqual([101, 102]);
  expect(lab.hooksRun().toSorted()).toEqual(["web-1", "web-2"]);
  const again = await lab.run("move", "web-1", "--yes");
  expect(again.all).toContain("web-1 (101) is in the state of stack new, and nowhere else.");
});

test("--to moves the file, too.", async () => {
  const moved = await lab.run("move", "101", "--to", "old", "--yes");
  expect(moved.exitCode, moved.all).toBe(0);
  expect(lab.holders()).toEqual(["old"]);
  const planned = await lab.run("plan");
  expect(planned.exitCode, planned.all).toBe(0);
});
