import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { NixherdError } from "../lib/errors.ts";

interface ProviderOptions {
  /** What the provider talks to the cluster with: endpoint, token, certificate. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  /** Called when the provider's process ends by itself. */
  readonly onEnd: (reason: string) => void;
}

/** The embedded provider, running in a process of its own. */
export interface RunningProvider {
  /** Value of TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  stop(): Promise<void>;
}

const readyTimeoutMs = 20_000;

/**
 * Starts the embedded Terraform provider on a unix socket and resolves when it listens.
 *
 * @throws EMBEDDED_FAILED when it ends, or is not ready within 20 seconds.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  // A path of a unix socket has about 100 characters at most, so it cannot lie in the repository.
  const folder = await mkdtemp(join(tmpdir(), "nixherd-"));
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "provider/main.ts"), join(folder, "provider.sock")],
    {
      env: { ...process.env, ...options.environment },
      // The provider ends when its standard input does: it never outlives this process.
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`));
    child.once("error", (error) => resolve(`did not start: ${error.message}`));
  });
  createInterface(child.stderr).on("line", (line) => options.log(`provider: ${line}`));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const reattach = await readReattach(child, ended);
    child.once("exit", () => options.onEnd("the embedded provider ended"));
    return { reattach, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads the provider's first line: `{"reattach": {...}}`. */
async function readReattach(child: ChildProcessWithoutNullStreams, ended: Promise<string>): Promise<string> {
  const lines = createInterface(child.stdout);
  const firstLine = new Promise<string>((resolve) => lines.once("line", resolve));
  const failed = ended.then((reason) => failure(`the embedded provider ${reason}`));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(failureOf("the embedded provider was not ready in time")),
      readyTimeoutMs,
    );
  });
  try {
    const line: { readonly reattach?: unknown } = JSON.parse(await Promise.race([firstLine, failed, late]));
    return JSON.stringify(line.reattach);
  } finally {
    clearTimeout(timer);
  }
}

function failure(message: string): never {
  throw failureOf(message);
}

function failureOf(message: string): NixherdError {
  return new NixherdError("EMBEDDED_FAILED", {
    message,
    hint: "Read .nixherd/embedded.log, then start it again.",
  });
}
