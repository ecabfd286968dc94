import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";

/** One record: its section, its key there, and its value; without a value the record is gone. */
export type JournalEntry = readonly [section: string, key: unknown, value?: unknown];

const format = "nixherd embedded Proxmox VE";
const version = 1;
const header = `${JSON.stringify({ format, version })}\n`;

function unreadable(file: string, what: string, cause?: unknown): NixherdError {
  return new NixherdError("EMBEDDED_STATE_UNREADABLE", {
    message: `The kept state of the embedded cluster in ${file} ${what}.`,
    hint: "Start afresh with 'nixherd embedded down', which removes its machines, or put the file back as it was.",
    cause,
  });
}

function parseLine(file: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw unreadable(file, `is damaged at line ${number}`, cause);
  }
}

function checkHeader(file: string, line: string): void {
  const found = parseLine(file, line, 1);
  if (typeof found !== "object" || found === null || !("format" in found) || found.format !== format) {
    throw unreadable(file, "is no such state");
  }
  if (!("version" in found) || found.version !== version) {
    const other = "version" in found ? JSON.stringify(found.version) : "unknown";
    throw unreadable(file, `has the format of another nixherd (version ${other}; this one reads ${version})`);
  }
}

/**
 * Reads a journal; undefined when there is none. A line is written whole or not at all: of what a killed process left
 * at the end without its line feed, nothing counts.
 *
 * @throws NixherdError EMBEDDED_STATE_UNREADABLE for a damaged file, or one of another version.
 */
export function readJournal(file: string): JournalEntry[] | undefined {
  if (!existsSync(file)) return undefined;
  const [first = "", ...lines] = readFileSync(file, "utf8").split("\n").slice(0, -1);
  checkHeader(file, first);
  return lines.flatMap((line, index) => {
    const batch = parseLine(file, line, index + 2);
    if (!Array.isArray(batch)) throw unreadable(file, `is damaged at line ${index + 2}`);
    return batch as JournalEntry[];
  });
}

/** A journal that is being written. */
export interface JournalFile {
  /** Bytes in it. */
  size(): number;
  /** Writes one line at the end. A line that cannot be written whole leaves nothing behind. */
  append(line: string): void;
  close(): void;
}

/** A short write is followed by an error that says why. */
function writeAll(descriptor: number, text: string): number {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}

/** Replaces a journal by one with these lines, at once, and opens it. Readable by its owner only. */
export function replaceJournal(file: string, lines: readonly string[]): JournalFile {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  const descriptor = openSync(draft, "w", 0o600);
  let size = 0;
  try {
    size = writeAll(descriptor, header + lines.map((line) => `${line}\n`).join(""));
    renameSync(draft, file);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return {
    size: () => size,
    append: (line) => {
      try {
        size += writeAll(descriptor, `${line}\n`);
      } catch (error) {
        ftruncateSync(descriptor, size);
        throw error;
      }
    },
    close: () => closeSync(descriptor),
  };
}
