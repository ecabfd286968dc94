import { Type } from "typebox";
import { type Complete, defaulted, section } from "./keys.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const timeOfDay = (description: string) =>
  Type.String({
    pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
    patternErrorMessage: 'a time such as "02:30"',
    description,
  });

/** A time of the week. */
export const maintenanceWindow = section("A time of the week in which machines may be power-cycled.", {
  days: Type.Array(Type.Enum([...weekdays]), {
    minItems: 1,
    uniqueItems: true,
    description: 'Days on which it begins, such as ["sat", "sun"].',
  }),
  from: timeOfDay('When it begins: "02:00".'),
  to: timeOfDay('When it ends: "04:30"; at or before `from` means on the next day.'),
  timeZone: defaulted(
    Type.String({ minLength: 1, description: 'Time zone of both, such as "Europe/Berlin". Default: "UTC".' }),
    "UTC",
  ),
});

/** What is done about changes that power-cycle a running machine. */
export const powerCycleModes = ["allow", "confirm", "window"] as const;

/** What a plan may do without somebody's approval; the descriptions are the user's manual. */
export const sitePolicy = section(
  "What a plan may do. One that breaks it is held until somebody approves it; `nixherd apply` judges, plain `cdktf deploy` does not.",
  {
    destroy: Type.Optional(
      section("How many machines one plan of a stack may destroy or replace; the smaller bound counts.", {
        most: Type.Optional(
          Type.Integer({
            minimum: 0,
            description:
              "Number of machines. Default: as many as whoever confirms the plan on a terminal accepts, and none where nobody is asked (--yes, pipelines, the watcher).",
          }),
        ),
        mostPercent: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 100,
            description: "Share of the stack's machines in percent. Default: no bound.",
          }),
        ),
      }),
    ),
    neverDestroyStacks: defaulted(
      Type.Array(Type.String(), {
        uniqueItems: true,
        description:
          "Stacks in which no machine is ever destroyed or replaced, approved or not. Default: none.",
      }),
      [],
    ),
    powerCycle: defaulted(
      Type.Enum([...powerCycleModes], {
        description:
          'Changes that power-cycle a running machine: "allow" them, have somebody "confirm" them (on a terminal, with --allow-power-cycle, or by approving the plan), or let them happen in a maintenance "window" only. Default: "allow".',
      }),
      "allow",
    ),
    maintenanceWindows: defaulted(
      Type.Array(maintenanceWindow, { description: 'For powerCycle "window". Default: none.' }),
      [],
    ),
    requiredTags: defaulted(
      Type.Array(Type.String(), {
        uniqueItems: true,
        description: "Tags that every machine has which a plan makes or changes. Default: none.",
      }),
      [],
    ),
    checks: defaulted(
      Type.Array(Type.String({ minLength: 1 }), {
        uniqueItems: true,
        description:
          "Checks of your own: paths in this repository, TypeScript (.ts) or executable files. Each reads the plan (terraform show -json) on stdin and prints a list of objections, [] for none, as JSON. Default: none.",
      }),
      [],
    ),
  },
);

/** The site's policy with the defaults filled in. */
export type SitePolicy = Complete<typeof sitePolicy>;

/** A time of the week in which machines may be power-cycled. */
export type MaintenanceWindow = SitePolicy["maintenanceWindows"][number];
