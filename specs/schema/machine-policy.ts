import { Type } from "typebox";
import { type Complete, defaulted, section } from "./keys.ts";
import { maintenanceWindow, powerCycleModes } from "./site-policy.ts";

/** What plans may do to one machine; the descriptions are the user's manual. */
export const machinePolicy = section(
  "What a plan may do to this machine, beyond the site's policy. It is kept in the state, so it counts from the first apply on, and still does when the spec is deleted.",
  {
    neverDestroy: defaulted(
      Type.Boolean({
        description:
          "Whether no plan may destroy or replace the machine, approved or not. To end it all the same, take this out and apply that first. Default: false.",
      }),
      false,
    ),
    powerCycle: Type.Optional(
      Type.Enum([...powerCycleModes], {
        description:
          'Changes that power-cycle the running machine: "allow", "confirm" or "window", as in the site\'s policy. Default: the site\'s.',
      }),
    ),
    maintenanceWindows: Type.Optional(
      Type.Array(maintenanceWindow, {
        minItems: 1,
        description: "For powerCycle \"window\", in the place of the site's. Default: the site's.",
      }),
    ),
  },
);

/** A machine's policy with the defaults filled in. */
export type MachinePolicy = Complete<typeof machinePolicy>;
