import { rmSync } from "node:fs";
import type { ErrorCode } from "../lib/error-codes.ts";
import { NixherdError } from "../lib/errors.ts";
import { embeddedFiles } from "./embedded-files.ts";
import {
  claimProcessRecord,
  type ProcessRecord,
  readProcessRecord,
  updateProcessRecord,
} from "./process-record.ts";
import { startEmbedded } from "./start-embedded.ts";

/** What the process tells the one that started it. */
export type EmbeddedMessage =
  | { readonly state: "ready" }
  | { readonly state: "failed"; readonly code: ErrorCode; readonly message: string; readonly hint: string };

/**
 * The process of an embedded cluster: runs until SIGTERM or SIGINT, then ends every part and removes the files.
 */
async function runEmbedded(root: string, startToken: string, port: number | undefined): Promise<void> {
  const files = embeddedFiles(root);
  const record: ProcessRecord = { pid: process.pid, startToken, startedAt: new Date().toISOString() };
  const log = (line: string): void => console.error(`${new Date().toISOString()} ${line}`);
  claim(root, record);
  const signal = new Promise<string>((resolve) => {
    process.once("SIGTERM", resolve).once("SIGINT", resolve);
  });
  const ended = Promise.withResolvers<string>();
  const embedded = await startEmbedded({ root, port, log, onEnd: ended.resolve });
  updateProcessRecord(files, { ...record, environment: embedded.environment });
  report({ state: "ready" });
  log(`embedded cluster ready at ${embedded.environment["PROXMOX_VE_ENDPOINT"]}`);
  log(`embedded cluster stops: ${await Promise.race([signal, ended.promise])}`);
  await embedded.stop();
}

/** Takes the repository's embedded cluster for this process, also from one that is gone; that one's machines stay. */
function claim(root: string, record: ProcessRecord): void {
  const files = embeddedFiles(root);
  if (claimProcessRecord(files, record)) return;
  const other = readProcessRecord(files);
  if (other === undefined) rmSync(files.process, { force: true });
  if (other !== undefined || !claimProcessRecord(files, record)) throw runsAlready(other?.pid);
}

function runsAlready(pid = readProcessRecord(embeddedFiles(root))?.pid): NixherdError {
  return new NixherdError("EMBEDDED_RUNNING", {
    message: `Another process (${pid ?? "unknown"}) is starting or running this repository's embedded cluster.`,
    hint: "Use that one ('nixherd embedded status' tells where), or end it first with 'nixherd embedded down'.",
  });
}

function failureOf(error: unknown): EmbeddedMessage {
  if (error instanceof NixherdError) {
    const { code, message, hint } = error;
    return { state: "failed", code, message, hint };
  }
  return {
    state: "failed",
    code: "EMBEDDED_FAILED",
    message: `The embedded cluster did not start: ${error instanceof Error ? error.message : String(error)}.`,
    hint: "Read .nixherd/embedded.log, then start it again.",
  };
}

function report(message: EmbeddedMessage): void {
  process.send?.(message);
  if (process.connected) process.disconnect();
}

/** Arguments: the repository's root, a start token, the API's port (none: any). */
const [root = process.cwd(), startToken = "", port] = process.argv.slice(2);
try {
  await runEmbedded(root, startToken, port === undefined ? undefined : Number(port));
} catch (error) {
  console.error(error);
  report(failureOf(error));
  process.exitCode = 1;
}
