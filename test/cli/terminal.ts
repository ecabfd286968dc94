import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { cleanEnvironment, type Project, program } from "./project.ts";

export interface TerminalRun {
  readonly exitCode: number | undefined;
  /** Everything that was shown, without control characters; redrawn lines show each time. */
  readonly screen: string;
}

/** What the user types once a text has appeared. */
type Answer = readonly [after: string, keys: string];

/**
 * Runs nixherd in a project on a terminal of 40 lines, which `script` (util-linux, BSD) makes, and types each answer
 * when its question has appeared.
 */
export async function runOnTerminal(
  project: Pick<Project, "root">,
  args: readonly string[],
  answers: readonly Answer[],
  more: Readonly<Record<string, string>> = {},
): Promise<TerminalRun> {
  const command = `stty rows 40 cols 120; exec '${process.execPath}' '${program}' ${args.join(" ")}`;
  const scriptArgs =
    process.platform === "linux"
      ? ["--quiet", "--return", "--flush", "--command", command, "/dev/null"]
      : ["-q", "/dev/null", "sh", "-c", command];
  const child = execa("script", scriptArgs, {
    cwd: project.root,
    env: { ...(await cleanEnvironment()), TERM: "xterm", ...more },
    extendEnv: false,
    reject: false,
    timeout: 55_000,
  });
  const waiting = [...answers];
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    screen += stripVTControlCharacters(chunk).replaceAll("\r", "");
    const [after, keys] = waiting[0] ?? [];
    if (after === undefined || keys === undefined || !screen.includes(after)) return;
    waiting.shift();
    child.stdin.write(keys);
  });
  const { exitCode } = await child;
  return { exitCode, screen };
}
