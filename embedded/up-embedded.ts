import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { NixherdError } from "../lib/errors.ts";
import type { EmbeddedEnvironment } from "./embedded-environment.ts";
import { embeddedFiles } from "./embedded-files.ts";
import { readProcessRecord } from "./process-record.ts";
import type { EmbeddedMessage } from "./run-embedded.ts";

const startTimeoutMs = 30_000;

interface UpOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Port of its API; by default the one it had before it was killed, else any that is free. */
  readonly port?: number | undefined;
  /** The cluster ends with this process, and its log goes to standard error; by default it goes on in the background. */
  readonly foreground?: boolean;
  /** How long starting may take. @default 30000 */
  readonly timeoutMs?: number;
}

/** What `upEmbedded` found or made. */
export interface UpResult {
  /** False when a cluster was running before. */
  readonly started: boolean;
  /** It went on from the state of one that was killed. */
  readonly resumed: boolean;
  readonly environment: EmbeddedEnvironment;
  /** Resolves with the exit code when a cluster in the foreground ends. */
  readonly ended: Promise<number>;
}

/**
 * Starts the repository's embedded cluster and resolves when it is ready; one that runs already is left as it is.
 *
 * @throws EMBEDDED_RUNNING when one runs at another port than the one that is asked for, EMBEDDED_PORT_TAKEN,
 * EMBEDDED_STATE_UNREADABLE, EMBEDDED_FAILED when it does not become ready in time.
 */
export async function upEmbedded(options: UpOptions): Promise<UpResult> {
  const running = await findRunning(options);
  if (running !== undefined) return running;
  try {
    return await startCluster(options);
  } catch (error) {
    // Another `up` was quicker, between our look and our start.
    const isSlower = error instanceof NixherdError && error.code === "EMBEDDED_RUNNING";
    const quicker = isSlower ? await findRunning(options) : undefined;
    if (quicker === undefined) throw error;
    return quicker;
  }
}

async function findRunning(options: UpOptions): Promise<UpResult | undefined> {
  const environment = await readyRecord(options);
  if (environment === undefined) return undefined;
  checkPort(environment, options.port);
  return { started: false, resumed: false, environment, ended: Promise.resolve(0) };
}

async function startCluster(options: UpOptions): Promise<UpResult> {
  const resumed = existsSync(embeddedFiles(options.root).state);
  const child = spawnCluster(options);
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  await untilReady(child, options.timeoutMs ?? startTimeoutMs);
  const record = readProcessRecord(embeddedFiles(options.root));
  if (record?.environment === undefined) throw failed("it ended as soon as it was ready");
  if (options.foreground !== true) child.unref();
  return { started: true, resumed, environment: record.environment, ended };
}

/** The environment of a cluster that runs, or that another process has just begun to start. */
async function readyRecord({
  root,
  timeoutMs = startTimeoutMs,
}: UpOptions): Promise<EmbeddedEnvironment | undefined> {
  const files = embeddedFiles(root);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const record = readProcessRecord(files);
    if (record === undefined || record.environment !== undefined) return record?.environment;
    if (performance.now() > deadline) throw stillStarting(record.pid, timeoutMs);
    await delay(50);
  }
}

function stillStarting(pid: number, timeoutMs: number): NixherdError {
  return new NixherdError("EMBEDDED_RUNNING", {
    message: `Another process (${pid}) has been starting the embedded cluster for more than ${timeoutMs} ms.`,
    hint: "Read .nixherd/embedded.log, or end it with 'nixherd embedded down' and start it again.",
  });
}

function checkPort(environment: EmbeddedEnvironment, port: number | undefined): void {
  const endpoint = environment["PROXMOX_VE_ENDPOINT"] ?? "";
  if (port === undefined || Number(new URL(endpoint).port) === port) return;
  throw new NixherdError("EMBEDDED_RUNNING", {
    message: `The embedded cluster runs already, at ${endpoint} and not at port ${port}.`,
    hint: "Use it as it is, or end it first with 'nixherd embedded down', which removes its machines.",
  });
}

function spawnCluster(options: UpOptions): ChildProcess {
  const files = embeddedFiles(options.root);
  mkdirSync(dirname(files.log), { recursive: true });
  const output = options.foreground === true ? "inherit" : openSync(files.log, "w");
  const port = options.port === undefined ? [] : [String(options.port)];
  const main = join(import.meta.dirname, "run-embedded.ts");
  return spawn(process.execPath, [main, options.root, randomUUID(), ...port], {
    detached: options.foreground !== true,
    stdio: ["ignore", output, output, "ipc"],
  });
}

async function untilReady(child: ChildProcess, timeoutMs: number): Promise<void> {
  const ready = Promise.withResolvers<void>();
  child.once("message", (message: EmbeddedMessage) => {
    if (message.state === "ready") ready.resolve();
    else ready.reject(new NixherdError(message.code, message));
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
