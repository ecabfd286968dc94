import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { cwd } from "node:process";
import { cliEnvironment } from "./cli-environment.ts";
import { refuseUnattended } from "./refuse-unattended.ts";

/** Runs cdktn-cli in this process, as `cdktf`, with the environment it needs. */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  isTerminal: boolean,
): Promise<void> {
  const refusal = refuseUnattended(args, env, isTerminal);
  if (refusal !== undefined) {
    console.error(`cdktf: ${refusal}`);
    process.exitCode = 1;
    return;
  }
  Object.assign(env, await cliEnvironment(env, cwd()));
  forgetMissingConfiguration(env);
  endOnUnhandledFailure();
  dropEmptyReports();
  createRequire(import.meta.url)("cdktn-cli/bin/cdktn");
}

/** Terraform would warn about it in every one of the dozen runs of one deploy, OpenTofu even inside its JSON output. */
function forgetMissingConfiguration(env: NodeJS.ProcessEnv): void {
  const file = env["TF_CLI_CONFIG_FILE"];
  if (!file || existsSync(file)) return;
  console.error(`cdktf: TF_CLI_CONFIG_FILE names ${file}, which does not exist; going on without it.`);
  delete env["TF_CLI_CONFIG_FILE"];
}

/** The CLI leaves the rejection of a failed deploy unhandled, which Node answers with a crash dump over the real message. */
function endOnUnhandledFailure(): void {
  process.on("unhandledRejection", (reason) => {
    console.error(`cdktf: ${reason instanceof Error ? reason.message : String(reason)}`);
    process.exit(1);
  });
}

/** Of a failure that Terraform has told already, the CLI first prints a message and a stack that it does not have. */
function dropEmptyReports(): void {
  const print = console.error;
  console.error = (...words: unknown[]) => {
    const isEmpty =
      words.length === 1 && (words[0] === undefined || words[0] === "Collecting Debug Information...");
    if (!isEmpty) print(...words);
  };
}
