/**
 * Runs scripts/demo and writes what it shows, with its timing, to docs/demo.cast (asciicast v2, for `asciinema play`).
 */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const cast = createWriteStream(resolve(root, "docs", "demo.cast"));
const started = performance.now();

/** The token dies with the demo's cluster; a recording shows none all the same, nor where it was made. */
function anonymous(text: string): string {
  return text
    .replaceAll(root, "~/nixherd")
    .replaceAll(tmpdir(), "/tmp")
    .replace(/(PROXMOX_VE_API_TOKEN='[^=]*=)[^']*/g, "$1...");
}

function record(chunk: Buffer): void {
  const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
  const text = anonymous(chunk.toString()).replaceAll("\n", "\r\n");
  cast.write(`${JSON.stringify([seconds, "o", text])}\n`);
  process.stdout.write(chunk);
}

cast.write(`${JSON.stringify({ version: 2, width: 120, height: 40, title: "scripts/demo" })}\n`);
const demo = spawn(resolve(root, "scripts", "demo"), { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
demo.stdout.on("data", record);
demo.stderr.on("data", record);
demo.on("close", (code) => {
  cast.end();
  process.exitCode = code ?? 1;
});
