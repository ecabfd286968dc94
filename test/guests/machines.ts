import * as fc from "fast-check";
import type { Machine } from "../../specs/fleet.ts";
import type { VmSpec } from "../../specs/vm-spec.ts";

interface MachineWishes {
  readonly stack?: string;
  readonly name?: string;
  readonly vmId?: number;
  readonly node?: string;
  readonly tags?: readonly string[];
  readonly isStarted?: boolean;
}

/** A machine with what a selection looks at. */
export function machineOf(wishes: MachineWishes): Machine {
  const { stack = "demo", name = "web-1", vmId = 101, node = "pve1", tags = [], isStarted = true } = wishes;
  const spec = { vmId, name, node, tags, lifecycle: { started: isStarted } } as unknown as VmSpec;
  return { stack, name, file: `vm-specs/${stack}/${name}.json`, spec };
}

/** Fleets of up to eight machines with few different names, tags and nodes, so that patterns often fit several. */
export const someMachines: fc.Arbitrary<Machine[]> = fc
  .uniqueArray(
    fc.record({
      stack: fc.constantFrom("demo", "prod"),
      name: fc.stringMatching(/^(web|db|api)-[1-4]$/),
      node: fc.constantFrom("pve1", "pve2"),
      tags: fc.subarray(["web", "db", "edge"]),
      isStarted: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8, selector: ({ stack, name }) => `${stack}/${name}` },
  )
  .map((all) => all.map((wishes, index) => machineOf({ ...wishes, vmId: 100 + index })));
