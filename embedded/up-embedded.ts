import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import type { EmbeddedEnvironment } from "./embedded-environment.ts";
import { embeddedFiles } from "./embedded-files.ts";
import { readProcessRecord } from "./process-record.ts";
import type { EmbeddedMessage } from "./run-embedded.ts";

interface UpOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** The cluster ends with this process, and its log goes to standard error; by default it goes on in the background. */
  readonly foreground?: boolean;
  /** How long starting may take; by default 30 seconds. */
  readonly timeoutMs?: number;
}

/** What `upEmbedded` found or made. */
export interface UpResult {
  /** False when a cluster was running before. */
  readonly started: boolean;
  readonly environment: EmbeddedEnvironment;
  /** Resolves with the exit code when a cluster in the foreground ends. */
  readonly ended: Promise<number>;
}

/**
 * Starts the repository's embedded cluster and resolves when it is ready; one that runs already is left as it is.
 *
 * @throws EMBEDDED_FAILED when it does not become ready in time.
 */
export async function upEmbedded(options: UpOptions): Promise<UpResult> {
  const running = readProcessRecord(embeddedFiles(options.root));
  if (running?.environment !== undefined) {
    return { started: false, environment: running.environment, ended: Promise.resolve(0) };
  }
  const child = spawnCluster(options);
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  await untilReady(child, options.timeoutMs ?? 30_000);
  const record = readProcessRecord(embeddedFiles(options.root));
  if (record?.environment === undefined) throw failed("it ended as soon as it was ready");
  if (options.foreground !== true) child.unref();
  return { started: true, environment: record.environment, ended };
}

function spawnCluster(options: UpOptions): ChildProcess {
  const files = embeddedFiles(options.root);
  mkdirSync(dirname(files.log), { recursive: true });
  const output = options.foreground === true ? "inherit" : openSync(files.log, "w");
  return spawn(process.execPath, [join(import.meta.dirname, "run-embedded.ts"), options.root, randomUUID()], {
    detached: options.foreground !== true,
    stdio: ["ignore", output, output, "ipc"],
  });
}

async function untilReady(child: ChildProcess, timeoutMs: number): Promise<void> {
  const ready = Promise.withResolvers<void>();
  child.once("message", (message: EmbeddedMessage) => {
    if (message.state === "ready") ready.resolve();
    else ready.reject(failed(message.message));
  });
  child.once("error", (error) => ready.reject(failed(error.message)));
  child.once("exit", (code) => ready.reject(failed(`its process ended with exit code ${code}`)));
  const timer = setTimeout(() => {
    child.kill("SIGTERM");
    ready.reject(failed(`it was not ready within ${timeoutMs} ms`));
  }, timeoutMs);
  await ready.promise.finally(() => clearTimeout(timer));
}

function failed(reason: string): NixherdError {
  return new NixherdError("EMBEDDED_FAILED", {
    message: `The embedded cluster did not start: ${reason}.`,
    hint: "Read .nixherd/embedded.log, then start it again.",
  });
}
