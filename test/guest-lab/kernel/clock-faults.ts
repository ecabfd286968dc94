import { expect } from "vitest";
import type { LabVm } from "../lab-machines.ts";
import { type Fault, untilSaid } from "../run-cell.ts";

/** What a wall clock jumps by, in the words of date. */
const jumps = [
  ["an hour on", "+1 hour"],
  ["an hour back", "-1 hour"],
] as const;

/** Less than the jump: whoever takes a jump for time that has passed is found out. */
const confirmSeconds = 120;

/** A wall clock that is set while a new system is activated, and once more while its health checks wait. */
export const clockJumps: readonly Fault[] = jumps.map(([words, jump]) => ({
  fault: `the wall clock jumps ${words} while the activation runs, and again while health checks wait`,
  module: `{ activation = "touch /run/activating; for try in $(seq 600); do [ ! -e /run/go ] || break; sleep 0.2; done"; }`,
  environment: {
    NIXHERD_HEALTH: JSON.stringify([
      { command: "touch /run/checking; test -e /run/well", retries: 100, timeoutSeconds: 30 },
    ]),
  },
  during: [
    "activate",
    async (vm) => {
      await untilSaid(vm, "[ -e /run/activating ]");
      await vm.inside(`date --set '${jump}'; touch /run/go`);
      await untilSaid(vm, "[ -e /run/checking ]");
      await vm.inside(`date --set '${jump}'; touch /run/well`);
    },
  ],
  exitCode: 0,
  ending: "new system confirmed",
  says: /done in/,
  afterwards: async (vm) => expect(Math.abs(await secondsAhead(vm))).toBeGreaterThan(7000),
}));

/** The same with a system that nobody can reach: only the machine's timer brings the old one back, and it does so in time. */
export const clockJumpsWithoutNetwork: readonly Fault[] = jumps.map(([words, jump]) => ({
  fault: `the wall clock jumps ${words}, and the new configuration breaks the network`,
  module: `{ activation = "date --set '${jump}'"; networkUp = "ip link set eth0 down"; }`,
  environment: { NIXHERD_CONFIRM_SECONDS: String(confirmSeconds) },
  exitCode: 14,
  ending: "old system",
  says: /no new connection came up.*the machine runs the old system again/,
  afterwards: async (vm) => {
    expect(Math.abs(await secondsAhead(vm))).toBeGreaterThan(3500);
    const seconds = await secondsOfTimer(vm);
    // The journal hears of the timer a moment after it was armed.
    expect(seconds).toBeGreaterThan(confirmSeconds - 1);
    // Nothing but a busy computer makes it later: an hour would be one of the wall clock.
    expect(seconds).toBeLessThan(2 * confirmSeconds);
  },
}));

/** How far the machine's wall clock is ahead of this computer's. */
async function secondsAhead(vm: LabVm): Promise<number> {
  return Number(await vm.inside("date +%s")) - Date.now() / 1000;
}

/** How long the dead-man timer ran until it fired, by the machine's monotonic clock. */
async function secondsOfTimer(vm: LabVm): Promise<number> {
  const startedAt = async (unit: string): Promise<number> => {
    const journal = `journalctl --boot --output json --output-fields JOB_TYPE UNIT=${unit} JOB_TYPE=start`;
    const [first = "{}"] = (await vm.inside(journal)).split("\n");
    return Number((JSON.parse(first) as Record<string, string>)["__MONOTONIC_TIMESTAMP"]) / 1e6;
  };
  return (await startedAt("nixherd-deadman.service")) - (await startedAt("nixherd-deadman.timer"));
}
