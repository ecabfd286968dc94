import { rmSync } from "node:fs";
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
  | { readonly state: "failed"; readonly message: string };

/**
 * The process of an embedded cluster: runs until SIGTERM or SIGINT, then ends every part and removes the files.
 * Arguments: the repository's root, a start token.
 */
async function runEmbedded(root: string, startToken: string): Promise<void> {
  const files = embeddedFiles(root);
  const record: ProcessRecord = { pid: process.pid, startToken, startedAt: new Date().toISOString() };
  const log = (line: string): void => console.error(`${new Date().toISOString()} ${line}`);
  claim(root, record);
  const signal = new Promise<string>((resolve) => {
    process.once("SIGTERM", resolve).once("SIGINT", resolve);
  });
  const ended = Promise.withResolvers<string>();
  const embedded = await startEmbedded({ root, log, onEnd: ended.resolve });
  updateProcessRecord(files, { ...record, environment: embedded.environment });
  report({ state: "ready" });
  log(`embedded cluster ready at ${embedded.environment["PROXMOX_VE_ENDPOINT"]}`);
  log(`embedded cluster stops: ${await Promise.race([signal, ended.promise])}`);
  await embedded.stop();
}

/** Takes the repository's embedded cluster for this process. What a process that is gone has left behind is removed. */
function claim(root: string, record: ProcessRecord): void {
  const files = embeddedFiles(root);
  if (claimProcessRecord(files, record)) return;
  const other = readProcessRecord(files);
  if (other === undefined) rmSync(files.folder, { recursive: true, force: true });
  if (other !== undefined || !claimProcessRecord(files, record)) {
    throw new Error(`an embedded cluster runs already (process ${other?.pid ?? "unknown"})`);
  }
}

function report(message: EmbeddedMessage): void {
  process.send?.(message);
  if (process.connected) process.disconnect();
}

const [root = process.cwd(), startToken = ""] = process.argv.slice(2);
try {
  await runEmbedded(root, startToken);
} catch (error) {
  console.error(error);
  report({ state: "failed", message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
