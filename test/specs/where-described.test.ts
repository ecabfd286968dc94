import { expect, test } from "vitest";
import { whereDescribed } from "../../specs/where-described.ts";
import { smallMachine, temporaryRepository } from "./temporary-repository.ts";

test("The VMID of a file is known even when the rest of it is wrong, and unknown when it says none.", () => {
  const root = temporaryRepository({
    "vm-specs/_site.json": {},
    "vm-specs/_defaults.json": { vmId: 999 },
    "vm-specs/a/sound.json": smallMachine(101),
    "vm-specs/a/misspelled.json": { vmId: 102, nde: "pve1" },
    "vm-specs/b/no-comma.json": '{ "vmId": 103 "node": "pve1" }',
    "vm-specs/b/half.json": '{ "vmI',
    "vm-specs/b/text.json": { vmId: "104" },
  });
  expect(Object.fromEntries(whereDescribed(root).map(({ file, vmId }) => [file, vmId]))).toEqual({
    "vm-specs/a/sound.json": 101,
    "vm-specs/a/misspelled.json": 102,
    "vm-specs/b/no-comma.json": 103,
    "vm-specs/b/half.json": undefined,
    "vm-specs/b/text.json": undefined,
  });
});
