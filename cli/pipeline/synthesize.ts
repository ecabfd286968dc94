import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { NixherdError } from "../../lib/errors.ts";
import { type Command, runCommand } from "../../lib/run-command.ts";

interface AppOptions {
  readonly root: string;
  readonly interrupt?: AbortSignal | undefined;
  /** Stacks without a folder, which are written without machines. Defaults to none. */
  readonly removedStacks?: readonly string[];
  /** Stacks that are left as they are, with `isSoundOnly`. Defaults to none. */
  readonly movingStacks?: readonly string[];
  /**
   * Write the stacks without problems, though others have some; INVALID_INPUT is thrown all the same. The watcher does so,
   * which evaluates the systems each time. Defaults to false.
   */
  readonly isSoundOnly?: boolean;
  /** The machines' systems were evaluated just now; see specs/resolved-systems.ts. Defaults to false. */
  readonly isResolved?: boolean;
  /** Receives what the app prints, both streams. */
  readonly onLine: (line: string) => void;
}

interface SynthOptions extends AppOptions {
  /** Runs the app's command. Defaults to a process that is started for it. */
  readonly run?: typeof runCommand;
}

const synthTimeoutMs = 10 * 60_000;

/** The app's exit code for problems in the specs, which it printed. */
const invalidSpecs = 2;

/** The folder that synthesis writes to, below the root. */
export const outputFolder = "cdktf.out";

/**
 * Runs the app of cdktf.json, which writes the Terraform configuration of every stack, or nothing at all.
 * @throws INVALID_INPUT, SYNTH_FAILED, INTERRUPTED
 */
export async function synthesize({ run = runCommand, ...options }: SynthOptions): Promise<void> {
  const { command, app } = await appCommand(options);
  const { exitCode, isInterrupted } = await run(command);
  if (exitCode === 0) return;
  if (isInterrupted) throw interrupted();
  throw exitCode === invalidSpecs ? invalidInput() : failed(app, exitCode);
}

/**
 * How a synthesis starts the app of cdktf.json.
 * @throws SYNTH_FAILED
 */
export async function appCommand(options: AppOptions): Promise<{ command: Command; app: string }> {
  const { root, interrupt, removedStacks = [], movingStacks = [], onLine } = options;
  const { isSoundOnly = false, isResolved = false } = options;
  const { app, context } = await readAppConfiguration(root);
  const command: Command = {
    file: "/bin/sh",
    args: ["-c", app],
    cwd: root,
    env: {
      // The app says "node": it means the one that runs this program, whatever PATH has first.
      PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
      CDKTF_OUTDIR: join(root, outputFolder),
      CDKTN_DISABLE_CREATION_STACK: "1",
      NIXHERD_REMOVED_STACKS: removedStacks.join(" "),
      NIXHERD_MOVING_STACKS: movingStacks.join(" "),
      NIXHERD_SOUND_STACKS: isSoundOnly ? "1" : "",
      NIXHERD_SYSTEMS: isResolved || isSoundOnly ? "current" : "",
      ...(context === undefined ? {} : { CDKTF_CONTEXT_JSON: JSON.stringify(context) }),
    },
    timeoutMs: synthTimeoutMs,
    interrupt,
    onStdoutLine: onLine,
    onStderrLine: onLine,
  };
  return { command, app };
}

interface AppConfiguration {
  readonly app: string;
  readonly context: unknown;
}

async function readAppConfiguration(root: string): Promise<AppConfiguration> {
  const file = join(root, "cdktf.json");
  const { app, context } = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch((cause: unknown) => {
      throw unusableConfiguration(
        `${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      );
    });
  if (typeof app !== "string" || app === "") throw unusableConfiguration(`${file} has no "app".`);
  return { app, context };
}

function unusableConfiguration(message: string): NixherdError {
  return new NixherdError("SYNTH_FAILED", {
    message,
    hint: 'Give it an app: { "language": "typescript", "app": "node stacks/main.ts" }.',
  });
}

/** The failure of a synthesis whose problems were told. */
export function invalidInput(): NixherdError {
  return new NixherdError("INVALID_INPUT", {
    message: "The specs have problems, so nothing was written and nothing was changed.",
    hint: "Correct what is listed above.",
  });
}

function failed(app: string, exitCode: number | undefined): NixherdError {
  const ending = exitCode === undefined ? "was killed by a signal" : `ended with exit code ${exitCode}`;
  return new NixherdError("SYNTH_FAILED", {
    message: `The app of cdktf.json ("${app}") ${ending}.`,
    hint: "Read its words above and correct the stacks or constructs they name.",
  });
}

function interrupted(): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: "The synthesis was interrupted; nothing was changed.",
    hint: "Run the command again.",
  });
}
