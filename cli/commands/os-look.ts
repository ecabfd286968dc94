import type { Command } from "@commander-js/extra-typings";
import type { OsAction } from "../pipeline/os/on-machines.ts";
import type { OsActionName } from "../pipeline/os/os-events.ts";
import type { OsRequest } from "../pipeline/os/run-os.ts";
import { runSession, type Session } from "../run-session.ts";
import {
  jsonOption,
  machinesArgument,
  nodeOption,
  parallelOption,
  selectionOf,
  stackOption,
} from "./os-options.ts";

type Reach = Parameters<OsRequest<OsActionName>["action"]>[0];
type MakeAction = (reach: Reach, session: Session, parallel: number) => OsAction<OsActionName>;

interface Look {
  readonly description: string;
  readonly help?: string;
  readonly load: () => Promise<MakeAction>;
}

const builtHelp = `
The system is built where the spec says, and copied into the machine's store. It is not activated, and makes no
generation: the machine's garbage collector may take it.`;

/** Commands that look at machines and change nothing that runs. */
const looks: Readonly<Record<string, Look>> = {
  facts: {
    description: "Show what the machines are and what they run.",
    load: async () => {
      const { factsAction } = await import("../pipeline/os/actions.ts");
      return (reach, _, parallel) => factsAction(reach, parallel);
    },
  },
  health: {
    description: "Run the specs' health checks, and list units that have failed.",
    load: async () => {
      const { healthAction } = await import("../pipeline/os/actions.ts");
      return (reach, _, parallel) => healthAction(reach, parallel);
    },
  },
  generations: {
    description: "List the generations of the machines' systems.",
    load: async () => {
      const { generationsAction } = await import("../pipeline/os/actions.ts");
      return (reach, _, parallel) => generationsAction(reach, parallel);
    },
  },
  diff: {
    description: "Show the packages in which the running systems and the specs' differ.",
    help: builtHelp,
    load: async () => (await import("../pipeline/os/prepare.ts")).diffAction,
  },
  build: {
    description: "Build the specs' systems into the machines' stores, and no more.",
    help: builtHelp,
    load: async () => (await import("../pipeline/os/prepare.ts")).buildAction,
  },
  "dry-activate": {
    description: "Show what an activation of the specs' systems would do.",
    help: builtHelp,
    load: async () => (await import("../pipeline/os/prepare.ts")).dryActivateAction,
  },
};

/** `nixherd os facts`, `health`, `generations`, `diff`, `build`, `dry-activate` */
export function addOsLook(os: Command): void {
  for (const [name, { description, help = "", load }] of Object.entries(looks)) {
    os.command(name)
      .description(description)
      .addArgument(machinesArgument())
      .addOption(stackOption())
      .addOption(nodeOption())
      .addOption(parallelOption())
      .addOption(jsonOption())
      .addHelpText("after", help)
      .action((patterns, { parallel, json, ...narrow }) =>
        runSession({ json, hasList: "machines" }, async (session) => {
          const { runOs } = await import("../pipeline/os/run-os.ts");
          const action = await load();
          const selection = selectionOf(patterns, narrow);
          return runOs(session, { selection, action: (reach) => action(reach, session, parallel) });
        }),
      );
  }
}
