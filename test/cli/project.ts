import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { findBinary } from "../../terraform/find-binary.ts";

const repositoryRoot = join(import.meta.dirname, "..", "..");
/** The program as users start it. */
export const program = join(repositoryRoot, "cli", "nixherd.js");

/** A stack's configuration without its backend. */
export type StackContent = Readonly<Record<string, unknown>>;

/** The app of a test project: writes the stacks of stacks.json as the CDK does, each with a local state in the root. */
const app = `
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
const out = process.env.CDKTF_OUTDIR;
const stacks = {};
for (const [name, content] of Object.entries(JSON.parse(readFileSync("stacks.json", "utf8")))) {
  const workingDirectory = "stacks/" + name;
  mkdirSync(out + "/" + workingDirectory, { recursive: true });
  const terraform = { backend: { local: { path: "../../../terraform." + name + ".tfstate" } } };
  writeFileSync(out + "/" + workingDirectory + "/cdk.tf.json", JSON.stringify({ terraform, ...content }));
  stacks[name] = { name, workingDirectory };
}
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks }));
`;

/** What a run of the program left behind. */
export interface Run {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project {
  readonly root: string;
  /** Replaces the stacks that the app synthesises. */
  setStacks(stacks: Readonly<Record<string, StackContent>>): Promise<void>;
  write(file: string, text: string): Promise<void>;
  read(file: string): Promise<string>;
  /** Runs nixherd in the root without a terminal, until it ends. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  /** Starts nixherd in the root. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof startProgram>;
}

/** An empty repository with these stacks, removed after the test. */
export async function makeProject(stacks: Readonly<Record<string, StackContent>> = {}): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "nixherd-cli-")));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const environment = await cleanEnvironment();
  const start: Project["start"] = (args, env = {}) => startProgram(root, args, { ...environment, ...env });
  const project: Project = {
    root,
    start,
    setStacks: (content) => project.write("stacks.json", JSON.stringify(content)),
    async write(file, text) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    },
    read: (file) => readFile(join(root, file), "utf8"),
    async run(args, env) {
      const { exitCode, stdout, stderr } = await start(args, env);
      return { exitCode, stdout, stderr };
    },
  };
  await project.write("cdktf.json", JSON.stringify({ language: "typescript", app: "node app.mjs" }));
  await project.write("app.mjs", app);
  await project.setStacks(stacks);
  return project;
}

/** Variables of this machine that would change what the program does. */
const foreignVariables = /^(PROXMOX_VE_|TF_|TERRAFORM_|SSL_CERT_FILE|NO_COLOR|FORCE_COLOR|NIXHERD_)/;

/** This process's environment without them, and with the OpenTofu or Terraform that the tests use. */
export async function cleanEnvironment(): Promise<Record<string, string>> {
  const inherited = Object.entries(process.env).filter(([name]) => !foreignVariables.test(name));
  const { path } = await findBinary({ root: repositoryRoot });
  return { ...(Object.fromEntries(inherited) as Record<string, string>), TERRAFORM_BINARY_NAME: path };
}

function startProgram(root: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(process.execPath, [program, ...args], {
    cwd: root,
    env,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: 55_000,
  });
}

/** The events of a run with `--json`. */
export function eventsOf({ stdout }: Pick<Run, "stdout">): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A stack of `terraform_data` resources by name. */
export function dataStack(resources: Readonly<Record<string, unknown>>): StackContent {
  return { resource: { terraform_data: resources } };
}

/** A `terraform_data` resource whose shell command runs after it was made. */
export function hooked(command: string): object {
  return { provisioner: [{ "local-exec": { command } }] };
}
