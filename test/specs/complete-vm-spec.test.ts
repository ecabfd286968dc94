import { expect, test } from "vitest";
import { completeVmSpec } from "../../specs/complete-vm-spec.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import type { WrittenVmSpec } from "../../specs/vm-spec.ts";
import { smallMachine, smallSite, temporaryRepository } from "./temporary-repository.ts";

test("A machine written in TypeScript is completed as one written in a file", () => {
  const root = temporaryRepository({
    "vm-specs/_site.json": smallSite,
    "vm-specs/prod/web-1.json": smallMachine(101),
  });
  const result = readFleet(root);
  const fromFile = result.ok ? result.fleet.stacks[0]?.machines[0]?.spec : undefined;
  const written = smallMachine(101) as unknown as WrittenVmSpec;
  expect(completeVmSpec(written, { id: "web-1", root, site: smallSite })).toEqual(fromFile);
});

test("A machine written in TypeScript is refused with every problem of the schema", () => {
  const written = {
    ...smallMachine(101),
    cpu: { cores: 0 },
    memory: { sizeMib: 1 },
  } as unknown as WrittenVmSpec;
  const complete = () =>
    completeVmSpec(written, { id: "web-1", root: temporaryRepository({}), site: smallSite });
  expect(complete).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      message:
        'web-1:/cpu/cores: is too small (expected a whole number from 1 to 2304, got 0)\nweb-1:/memory/sizeMib: is an unknown key (did you mean "sizeMiB"?)',
    }),
  );
});

test("A machine written in TypeScript is refused with every problem of the rules", () => {
  const written = { ...smallMachine(101), tags: ["Web"], template: "unknown" } as unknown as WrittenVmSpec;
  const complete = () =>
    completeVmSpec(written, { id: "web-1", root: temporaryRepository({}), site: smallSite });
  expect(complete).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^web-1:\/tags\/0: .*\nweb-1:\/template: /),
    }),
  );
});

test("A warning does not keep a machine from being completed", () => {
  const gateway = (address: string) => ({
    bridge: "vmbr0",
    ipv4: { address: `${address}.5/24`, gateway: `${address}.1` },
  });
  const networks = [gateway("10.0.1"), gateway("10.0.2")];
  const written = { ...smallMachine(101), networks } as unknown as WrittenVmSpec;
  const root = temporaryRepository({});
  expect(completeVmSpec(written, { id: "web-1", root, site: smallSite }).networks).toHaveLength(2);
});
