/** Commands that ask for approval, with the names the CLI also knows them by. */
const approvedCommands: Readonly<Record<string, string>> = {
  deploy: "deploy",
  apply: "deploy",
  destroy: "destroy",
};

/**
 * The sentence that refuses a deploy or destroy which nobody can approve, or undefined when the command may run.
 * Without a terminal and without --auto-approve cdktn-cli 0.24.0 prints "Stopping" and ends with exit code 0, as if it had deployed.
 */
export function refuseUnattended(
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  isTerminal: boolean,
): string | undefined {
  const command = approvedCommands[args.find((arg) => !arg.startsWith("-")) ?? ""];
  if (command === undefined || isTerminal || isApproved(args, env)) return undefined;
  if (args.includes("--help") || args.includes("-h")) return undefined;
  return `there is no terminal to approve this ${command} on, so nothing was done. Add --auto-approve to approve it beforehand.`;
}

function isApproved(args: readonly string[], env: Readonly<NodeJS.ProcessEnv>): boolean {
  const flag = args.findLast((arg) => /^--(auto-approve|autoApprove)(=|$)/.test(arg));
  if (flag !== undefined) return !flag.endsWith("=false");
  return env["CDKTF_AUTO_APPROVE"] === "true";
}
