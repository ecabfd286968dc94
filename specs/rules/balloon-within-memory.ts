import { eachMachine, type Rule } from "../rule.ts";

/** Ballooning leaves at most the whole memory, and needs pages that can be taken away. */
export const balloonWithinMemory: Rule = {
  name: "balloon-within-memory",
  check: eachMachine(function* ({ spec: { memory } }) {
    const pointer = "/memory/balloonMiB";
    if (memory.balloonMiB > memory.sizeMiB) {
      const message = `is more than the memory (expected at most ${memory.sizeMiB}, got ${memory.balloonMiB})`;
      yield { pointer, message };
    }
    if (memory.balloonMiB > 0 && memory.hugepages !== undefined) {
      yield { pointer, message: `is not possible with huge pages (expected 0, got ${memory.balloonMiB})` };
    }
  }),
};
