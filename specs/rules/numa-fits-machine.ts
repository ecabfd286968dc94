import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A written NUMA topology is switched on, has each node once and shares out the whole memory. */
export const numaFitsMachine: Rule = {
  name: "numa-fits-machine",
  check: eachMachine(function* ({ spec }) {
    if (spec.numa.length === 0) return;
    if (!spec.cpu.numa)
      yield { pointer: "/numa", message: "does nothing while it is switched off (expected cpu.numa true)" };
    const nodes = spec.numa.map(({ device }, index) => ({ device, pointer: `/numa/${index}/device` }));
    for (const { again } of findRepeated(nodes, ({ device }) => device)) {
      yield { pointer: again.pointer, message: `"${again.device}" is there twice (expected each node once)` };
    }
    const sharedOut = spec.numa.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
    if (sharedOut === spec.memory.sizeMiB) return;
    const message = `does not share out the memory (expected ${spec.memory.sizeMiB} MiB in total, got ${sharedOut})`;
    yield { pointer: "/numa", message };
  }),
};
