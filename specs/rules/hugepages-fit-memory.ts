import { eachMachine, type Rule } from "../rule.ts";

/** Huge pages need a NUMA topology and fill the memory evenly. */
export const hugepagesFitMemory: Rule = {
  name: "hugepages-fit-memory",
  check: eachMachine(function* ({ spec: { cpu, memory } }) {
    const { hugepages, keepHugepages, sizeMiB } = memory;
    if (hugepages === undefined) {
      if (keepHugepages !== undefined) {
        yield {
          pointer: "/memory/keepHugepages",
          message: "does nothing without huge pages (expected memory.hugepages)",
        };
      }
      return;
    }
    if (!cpu.numa)
      yield { pointer: "/memory/hugepages", message: "needs a NUMA topology (expected cpu.numa true)" };
    // "any" falls back to pages of 2 MiB.
    const pageMiB = hugepages === "any" ? 2 : Number(hugepages);
    if (sizeMiB % pageMiB === 0) return;
    yield {
      pointer: "/memory/sizeMiB",
      message: `is no multiple of the huge pages (expected a multiple of ${pageMiB}, got ${sizeMiB})`,
    };
  }),
};
