import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { ReceivedCall } from "./call-server.ts";
import type { RecordedPhase, Recording } from "./recording.ts";
import { resourcesOfState, stateOfResources } from "./state-file.ts";
import type { StepServer } from "./step-server.ts";

/** What one command of a step did. */
export interface ObservedPhase {
  readonly phase: string;
  readonly exit: number;
  readonly output: string;
  readonly calls: readonly ReceivedCall[];
}

/** What a step did when it was run again. */
export interface ObservedRun {
  readonly phases: readonly ObservedPhase[];
  /** The plan as `show -json` prints it. */
  readonly plan: unknown;
  readonly replan: unknown;
  /** The resources after the first apply; after the plan, where nothing is applied. */
  readonly state: ReturnType<typeof resourcesOfState>;
}

/** The binary and the provider that a step is run with. */
export interface RunTools {
  readonly binary: string;
  /** The value of TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  /** Starts what the provider talks to. */
  readonly startServer: (recording: Recording) => Promise<StepServer>;
}

interface Workplace extends RunTools {
  readonly directory: string;
  readonly server: StepServer;
  readonly recording: Recording;
}

/** Runs a step's commands with the real binary over the stand-in. */
export async function runRecording(recording: Recording, tools: RunTools): Promise<ObservedRun> {
  const directory = await mkdtemp(join(tmpdir(), "run-"));
  const server = await tools.startServer(recording);
  const place: Workplace = { ...tools, directory, server, recording };
  try {
    await writeInputs(place);
    return await runPhases(place);
  } finally {
    await server.close();
    await rm(directory, { recursive: true });
  }
}

// `init` has nothing to do: the backend is a local file and the provider is running already.
async function runPhases(place: Workplace): Promise<ObservedRun> {
  const phases: ObservedPhase[] = [];
  let state = await readState(place);
  for (const phase of place.recording.phases) {
    place.server.beginPhase(phase);
    const { exit, output } = await runPhase(place, phase);
    phases.push({ phase: phase.phase, exit, output, calls: place.server.received() });
    if (phase.phase === "apply") state = await readState(place);
  }
  // An empty plan (exit 0) has nothing to show.
  const planOf = async (phase: "plan" | "replan", file: string): Promise<unknown> => {
    const isMade = phases.some((one) => one.phase === phase && one.exit === 2);
    return isMade && place.recording[phase] !== undefined ? await show(place, file) : undefined;
  };
  return {
    phases,
    state,
    plan: await planOf("plan", "plan.bin"),
    replan: await planOf("replan", "plan2.bin"),
  };
}

async function runPhase(
  place: Workplace,
  { phase, arguments: extra = [] }: RecordedPhase,
): Promise<{ exit: number; output: string }> {
  const { interrupt } = place.recording;
  const command = execa(place.binary, commandOf(phase, extra), {
    cwd: place.directory,
    env: environment(place),
    reject: false,
    all: true,
  });
  if (phase === "apply" && interrupt !== undefined) {
    place.server.onCall(interrupt.call, () => {
      command.kill(interrupt.signal);
    });
  }
  const { exitCode, all } = await command;
  return { exit: exitCode ?? -1, output: all };
}

function environment({ reattach }: Workplace): Readonly<Record<string, string | undefined>> {
  return {
    TF_REATTACH_PROVIDERS: reattach,
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
    // A command lives for a tenth of a second: collecting its garbage is a quarter of the work.
    GOGC: "400",
    TF_CLI_CONFIG_FILE: undefined,
  };
}

const common = ["-no-color", "-input=false", "-lock=false"];

function commandOf(phase: string, extra: readonly string[]): string[] {
  if (phase === "plan") return ["plan", ...common, "-detailed-exitcode", "-out=plan.bin", ...extra];
  if (phase === "replan") return ["plan", ...common, "-detailed-exitcode", "-out=plan2.bin", ...extra];
  return ["apply", ...common, ...extra, ...(extra.includes("-auto-approve") ? [] : ["plan.bin"])];
}

async function show(place: Workplace, file: string): Promise<unknown> {
  const options = { cwd: place.directory, env: environment(place) };
  const { stdout } = await execa(place.binary, ["show", "-json", file], options);
  return JSON.parse(stdout);
}

const recordedWeb = "http://127.0.0.1:8099/";

async function writeInputs({ binary, directory, server, recording }: Workplace): Promise<void> {
  const { config, before } = recording;
  const here = (text: string): string =>
    text
      .replaceAll("https://127.0.0.1:18006/", server.endpoint)
      .replaceAll(recordedWeb, server.web ?? recordedWeb);
  await writeFile(join(directory, "main.tf.json"), here(JSON.stringify(config, null, 2)));
  if (before.length === 0) return;
  const host = binary.endsWith("terraform") ? "registry.terraform.io" : "registry.opentofu.org";
  await writeFile(join(directory, "terraform.tfstate"), here(JSON.stringify(stateOfResources(before, host))));
}

async function readState({ directory }: Workplace): Promise<ReturnType<typeof resourcesOfState>> {
  try {
    return resourcesOfState(await readFile(join(directory, "terraform.tfstate"), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
