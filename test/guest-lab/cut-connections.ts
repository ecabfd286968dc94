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

/** The phase may have done its work before the line is cut; then the next one meets it. */
const early = {
  exitCode: [0, 10, 12, 13, 14],
  ending: "either",
  says: /done in|connection was lost|nothing was changed|copied to the machine|the machine runs the old system again/,
} as const;
const lost = {
  exitCode: [10, 12, 13, 22],
  ending: "either",
  says: /connection was lost|nothing was changed|copied to the machine|brings back the old system|either that or the old one/,
} as const;

const shortCuts: readonly Cut[] = [
  { phase: "ssh", ...early },
  { phase: "build", ...early },
  { phase: "copy", environment: local, ...early },
  { phase: "check", ...early },
  { phase: "activate", ...early },
  { phase: "health", environment: health, ...confirmed },
  { phase: "confirm", ...confirmed },
  { phase: "verify", ...confirmed },
];

const longCuts: readonly Cut[] = [
  {
    phase: "ssh",
    exitCode: [10, 12],
    ending: "old system",
    says: /no SSH at|connection was lost|nothing was changed/,
  },
  { phase: "build", ...lost },
  { phase: "copy", environment: local, ...lost },
  { phase: "check", ...lost },
  { phase: "activate", ...lost },
  { phase: "health", ...lost },
  {
    phase: "confirm",
    ...lost,
    says: /runs and boots either that or the old one|cannot be asked what it runs/,
  },
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
