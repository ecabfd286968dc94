import { writeSync } from "node:fs";

/** Preloaded into the provider's process: on SIGUSR2 it collects garbage and tells what is left, as one line. */
process.on("SIGUSR2", () => {
  // Twice: what finalizers let go of is only free after another round.
  for (let round = 0; round < 2; round += 1) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  writeSync(1, `${JSON.stringify({ memory: { rss, heapUsed, external } })}\n`);
});
