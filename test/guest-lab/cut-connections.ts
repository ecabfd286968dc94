import type { Fault } from "./run-cell.ts";

const local = { NIXHERD_BUILD_ON: "local" };
const health = { NIXHERD_HEALTH: '[{"unit":"web.service"}]' };
const impatient = {
  NIXHERD_CONFIRM_SECONDS: "9",
  NIXHERD_ROLLBACK_SECONDS: "4",
  NIXHERD_DEADLINE_SECONDS: "14",
};
const confirmed = { exitCode: 0, ending: "new system confirmed", says: /done in/ } as const;

interface Cut extends Pick<Fault, "exitCode" | "ending" | "says"> {
  readonly phase: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const shortCuts: readonly Cut[] = [
  { phase: "ssh", ...confirmed },
  { phase: "build", exitCode: 12, ending: "old system", says: /connection was lost/ },
  { phase: "copy", environment: local, exitCode: 13, ending: "old system", says: /could not be copied/ },
  { phase: "check", exitCode: 10, ending: "old system", says: /nothing was changed/ },
  {
    phase: "activate",
    exitCode: 14,
    ending: "old system",
    says: /lost before the activation began; the machine runs the old system again/,
  },
  { phase: "health", environment: health, ...confirmed },
  { phase: "confirm", ...confirmed },
  { phase: "verify", ...confirmed },
];

const longCuts: readonly Cut[] = [
  { phase: "ssh", exitCode: 10, ending: "old system", says: /no SSH at/ },
  { phase: "build", exitCode: 12, ending: "old system", says: /connection was lost|nothing was changed/ },
  {
    phase: "copy",
    environment: local,
    exitCode: 13,
    ending: "old system",
    says: /copied to the machine|copy did not end.*nothing was changed/,
  },
  { phase: "check", exitCode: 10, ending: "old system", says: /nothing was changed/ },
  { phase: "activate", exitCode: 22, ending: "old system", says: /brings back the old system/ },
  {
    phase: "health",
    exitCode: 22,
    ending: "old system",
    says: /cannot be reached.*brings back the old system/,
  },
  { phase: "confirm", exitCode: 22, ending: "either", says: /runs and boots either that or the old one/ },
  { phase: "verify", exitCode: 22, ending: "new system confirmed", says: /cannot be asked what it runs/ },
];

/** SSH is cut as a phase starts: for three connections that fail, or for as long as the hook runs. */
export const cuts: readonly Fault[] = [
  ...shortCuts.map(
    ({ phase, environment, ...ends }): Fault => ({
      fault: `SSH is cut for a moment at phase ${phase}`,
      environment: environment ?? {},
      during: [
        phase,
        async (vm) => {
          await vm.cut();
          await vm.refuse(3);
          await vm.plug();
        },
      ],
      ...ends,
    }),
  ),
  ...longCuts.map(
    ({ phase, environment, ...ends }): Fault => ({
      fault: `SSH is cut at phase ${phase} and stays so`,
      environment: { ...impatient, ...environment },
      during: [phase, (vm) => vm.cut()],
      ...ends,
    }),
  ),
  {
    fault: "the cable is pulled while the activation runs, and no connection hears of it",
    module: '{ activation = "sleep 3"; }',
    environment: impatient,
    during: ["activate", (vm) => vm.unplug()],
    exitCode: 22,
    ending: "old system",
    says: /cannot be reached.*brings back the old system/,
  },
];
