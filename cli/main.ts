import { Command, CommanderError } from "@commander-js/extra-typings";
import { errorCodes } from "../lib/error-codes.ts";
import packageJson from "../package.json" with { type: "json" };
import { addAdopt } from "./commands/adopt.ts";
import { addApply } from "./commands/apply.ts";
import { addApprove } from "./commands/approve.ts";
import { addCheckPlan } from "./commands/check-plan.ts";
import { addDestroy } from "./commands/destroy.ts";
import { addEmbedded } from "./commands/embedded.ts";
import { addExport } from "./commands/export.ts";
import { addMove } from "./commands/move.ts";
import { addNew } from "./commands/new.ts";
import { addOs } from "./commands/os.ts";
import { addOutput } from "./commands/output.ts";
import { addPlan } from "./commands/plan.ts";
import { addRemove } from "./commands/remove.ts";
import { addResume } from "./commands/resume.ts";
import { addStatus } from "./commands/status.ts";
import { addSuspend } from "./commands/suspend.ts";
import { addSynth } from "./commands/synth.ts";
import { addTemplate } from "./commands/template.ts";
import { addValidate } from "./commands/validate.ts";
import { addWatch } from "./commands/watch.ts";
import { formatError } from "./render/format-error.ts";

const help = `
Examples:
  nixherd new demo/web-1       write a spec with a free VMID and address
  nixherd plan                 see what would change, in every stack
  nixherd apply demo           change it, after a question
  nixherd embedded up          a Proxmox VE to try it all on, without a cluster

Exit codes: 0 done, 1 failed, 2 problems in the specs, 3 changes present (plan), 4 held by the policy, 130 interrupted.
The cluster and its token come from the environment: PROXMOX_VE_ENDPOINT, PROXMOX_VE_API_TOKEN.
More: docs/commands.md, docs/errors.md.`;

/** In the order of the help. */
const commands = [
  addNew,
  addValidate,
  addSynth,
  addPlan,
  addApply,
  addApprove,
  addStatus,
  addWatch,
  addSuspend,
  addResume,
  addDestroy,
  addMove,
  addAdopt,
  addRemove,
  addOutput,
  addOs,
  addCheckPlan,
  addExport,
  addTemplate,
  addEmbedded,
];

/** Runs the command line and leaves the exit code in the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("nixherd")
    .description("NixOS machines on Proxmox VE from the JSON specs in vm-specs/.")
    .version(packageJson.version)
    .addHelpText("after", help)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  for (const add of commands) {
    add(program);
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    endWithUsage(error);
  }
}

/** Help and version were printed already; every other code is a mistake in the command line. */
function endWithUsage({ exitCode, code, message }: CommanderError): void {
  process.exitCode = exitCode;
  if (exitCode === 0 || code === "commander.help") return;
  const text = formatError({
    code: "USAGE",
    message: message.replace(/^error: /, ""),
    hint: "nixherd --help lists the commands, nixherd <command> --help its options.",
  });
  process.stderr.write(`${text}\n`);
  process.exitCode = errorCodes.USAGE.exitCode;
}
