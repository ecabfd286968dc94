import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { demoTimeoutMs, leftovers, openClone } from "./demo-clone.ts";

/** Resolves when the stream has brought the words; fails when it ends without them. */
function untilSaid(stream: Readable, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    stream.on("data", (chunk) => {
      said += chunk;
      if (said.includes(words)) resolve();
    });
    stream.on("end", () => reject(new Error(`It ended before it said "${words}".`)));
  });
}

test(
  "deploys, updates in place, has nothing left to do, takes a failing system back, and leaves nothing behind",
  async () => {
    const clone = await openClone();
    const { exitCode, all } = await clone.demo();
    expect(exitCode, all).toBe(0);
    expect(all).toContain("will be updated in-place");
    const [, first, second, third, fourth] = all.split("Inside the machines");
    expect(first).toMatch(/web-1 +host-key \d+ ms, ssh \d+ ms.*\n +db-1 +host-key \d+ ms/);
    expect(second).toMatch(/web-1 +host-key \d+ ms.*\n +db-1 +not run: nothing changed for it/);
    expect(third).toMatch(/web-1 +not run.*\n +db-1 +not run/);
    expect(third).toMatch(/error MACHINE_UNHEALTHY: demo: web-1 .*the machine runs the old system again/);
    expect(third).toMatch(/^ +3 .*current, running, confirmed$/m);
    expect(fourth).toMatch(/web-1 +host-key \d+ ms.*confirm \d+ ms.*\n +db-1 +not run/);
    expect(fourth).toMatch(/^ +4 .*current, running, confirmed$/m);
    expect(fourth).toMatch(/All of it took \d+\.\d s/);
    expect(await leftovers(clone)).toEqual([]);
  },
  demoTimeoutMs,
);

test(
  "that is interrupted in the middle of a deploy leaves nothing behind",
  async () => {
    const clone = await openClone();
    const demo = clone.demo();
    await untilSaid(demo.all, "Creating...");
    process.kill(-(demo.pid ?? Number.NaN), "SIGINT");
    expect((await demo).exitCode).toBe(130);
    expect(await leftovers(clone)).toEqual([]);
  },
  demoTimeoutMs,
);
