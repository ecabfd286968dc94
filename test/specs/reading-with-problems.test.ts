import { expect, test } from "vitest";
import { problemsOf } from "./problems-of.ts";
import { smallMachine, smallSite } from "./temporary-repository.ts";

const site = { "vm-specs/_site.json": smallSite };

test("A bad file hides no problem of the others, of whatever kind", () => {
  const files = {
    ...site,
    "vm-specs/prod/cut-off.json": "{",
    "vm-specs/prod/misspelled.json": { ...smallMachine(101), vmid: 5 },
    "vm-specs/prod/first.json": { ...smallMachine(102), tags: ["Web"] },
    "vm-specs/test/second.json": smallMachine(102),
  };
  expect(problemsOf(files)).toEqual([
    "vm-specs/prod/cut-off.json:: line 1, column 2: the object is not closed (expected })",
    'vm-specs/prod/first.json:/tags/0: is no tag as the server writes it (expected "web", got "Web")',
    'vm-specs/prod/misspelled.json:/vmid: is an unknown key (did you mean "vmId"?)',
    "vm-specs/test/second.json:/vmId: 102 is taken by vm-specs/prod/first.json (expected a VMID of its own)",
  ]);
});

test("A defaults file that cannot be read is the only problem of machines that rest on it", () => {
  const { node: _, ...withoutNode } = smallMachine(101);
  const files = {
    ...site,
    "vm-specs/_defaults.json": '{ "node" }',
    "vm-specs/prod/rests-on-it.json": withoutNode,
    "vm-specs/prod/own-problem.json": { ...withoutNode, cpu: { cores: 0 } },
  };
  expect(problemsOf(files)).toEqual([
    "vm-specs/_defaults.json:: line 1, column 10: no colon after the key (expected :)",
    "vm-specs/prod/own-problem.json:/cpu/cores: is too small (expected a whole number from 1 to 2304, got 0)",
  ]);
});

test("A defaults file that is a link out of vm-specs is not read, and is the only problem of machines that rest on it", () => {
  const { node, ...withoutNode } = smallMachine(101);
  const files = {
    ...site,
    "outside.json": { node, cpu: { cores: 0 } },
    "vm-specs/_defaults.json": { link: "../outside.json" },
    "vm-specs/prod/_defaults.json": { link: "../../outside.json" },
    "vm-specs/prod/rests-on-it.json": withoutNode,
  };
  expect(problemsOf(files)).toEqual([
    "vm-specs/_defaults.json:: is a link out of vm-specs (expected a file inside)",
    "vm-specs/prod/_defaults.json:: is a link out of vm-specs (expected a file inside)",
  ]);
});

test("A site file that cannot be read hides only what depends on it", () => {
  const files = {
    "vm-specs/_site.json": "",
    "vm-specs/prod/web-1.json": { ...smallMachine(101), template: "unknown", tags: ["Web"] },
  };
  expect(problemsOf(files)).toEqual([
    "vm-specs/_site.json:: is empty (expected a JSON object)",
    'vm-specs/prod/web-1.json:/tags/0: is no tag as the server writes it (expected "web", got "Web")',
  ]);
});

test("A thousand machines are all read and all checked", () => {
  const machines = Array.from({ length: 1000 }, (_, index) => [
    `vm-specs/stack-${index % 10}/vm-${index}.json`,
    smallMachine(1000 + (index === 999 ? 0 : index)),
  ]);
  const problems = problemsOf({ ...site, ...Object.fromEntries(machines) });
  expect(problems).toEqual([
    "vm-specs/stack-9/vm-999.json:/vmId: 1000 is taken by vm-specs/stack-0/vm-0.json (expected a VMID of its own)",
  ]);
});
