import { readText } from "./read-text.ts";
import type { RepositoryFile } from "./repository-files.ts";

/** One line of a file of public keys. */
interface KeyLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** A file of public keys: its lines, or in one sentence why it cannot be used. */
export type KeyFile = { readonly keys: readonly KeyLine[] } | { readonly problem: string };

/** Reads files of public keys, each once: one key a line; empty lines and lines that start with # are no keys. */
export function keyFiles(find: (path: string) => RepositoryFile): (path: string) => KeyFile {
  const read = new Map<string, KeyFile>();
  return (path) => {
    const file = read.get(path) ?? readKeyFile(find(path));
    read.set(path, file);
    return file;
  };
}

function readKeyFile(file: RepositoryFile): KeyFile {
  if ("problem" in file) return file;
  const content = readText(file.path);
  if ("problem" in content) return content;
  // A private key spans lines; as one entry it gives one problem instead of one for each line.
  const lines = content.text.includes("PRIVATE KEY") ? [content.text] : content.text.split(/\r?\n/);
  const keys = lines
    .map((text, index) => ({ line: index + 1, text: text.trim() }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
  return keys.length === 0 ? { problem: "holds no key (expected one public key a line)" } : { keys };
}
