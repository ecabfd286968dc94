import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../lib/problem.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type FolderEntry, listFolder } from "./list-folder.ts";

const folder = "vm-specs";

/** Path of the site file, relative to the repository's root. */
export const siteFile = `${folder}/_site.json`;

const stackName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a folder of vm-specs/ may be a stack, by its name. */
export function isStackName(name: string): boolean {
  return stackName.test(name);
}

/** The files of one stack; paths are relative to the repository's root. */
export interface StackFiles {
  readonly name: string;
  readonly defaults: string | undefined;
  /** There is a defaults file, but none that may be read; `defaults` is undefined then. */
  readonly hasUnusableDefaults: boolean;
  readonly machines: readonly string[];
}

/** What vm-specs/ holds; paths are relative to the repository's root. */
export interface SpecFiles {
  readonly site: string | undefined;
  readonly defaults: string | undefined;
  /** There is a defaults file, but none that may be read; `defaults` is undefined then. */
  readonly hasUnusableDefaults: boolean;
  readonly stacks: readonly StackFiles[];
  readonly problems: readonly Problem[];
}

/** Sorts the files of vm-specs/ by what they are for. Whatever is for nothing becomes a problem or a warning. */
export function listSpecFiles(root: string): SpecFiles {
  if (!existsSync(join(root, folder))) {
    const problems = [
      error(folder, "is missing (expected a folder with _site.json and one folder per stack)"),
    ];
    return { site: undefined, defaults: undefined, hasUnusableDefaults: false, stacks: [], problems };
  }
  const boundary = realpathSync(join(root, folder));
  const entries = listFolder(root, folder, boundary);
  const stacks = entries.filter((entry) => entry.kind === "folder" && !entry.name.startsWith("_"));
  const listedStacks = stacks.map((stack) => listStack(root, stack, boundary));
  return {
    site: pathOf(entries, "_site.json"),
    ...findDefaults(entries),
    stacks: listedStacks.map(({ files }) => files),
    problems: [
      ...(entries.some(({ path }) => path === siteFile)
        ? []
        : [error(siteFile, "is missing (expected the site file)")]),
      ...entries.flatMap(judgeTopEntry),
      ...listedStacks.flatMap(({ problems }) => problems),
    ],
  };
}

function listStack(
  root: string,
  stack: FolderEntry,
  boundary: string,
): { files: StackFiles; problems: Problem[] } {
  const entries = listFolder(root, stack.path, boundary);
  const files = {
    name: stack.name,
    ...findDefaults(entries),
    machines: entries.filter(isMachine).map(({ path }) => path),
  };
  return { files, problems: entries.flatMap(judgeStackEntry) };
}

function isMachine({ kind, name }: FolderEntry): boolean {
  return kind === "file" && name.endsWith(".json") && !name.startsWith("_");
}

function judgeTopEntry(entry: FolderEntry): Problem[] {
  const { kind, name, path } = entry;
  if (kind === "unusable") return [error(path, entry.problem)];
  if (kind === "folder") {
    if (name.startsWith("_") || isStackName(name)) return [];
    return [
      error(
        path,
        "is no name for a stack (expected lower-case letters, digits and inner hyphens, at most 63)",
      ),
    ];
  }
  if (isMachine(entry)) return [error(path, `is in no stack (expected vm-specs/<stack>/${name})`)];
  return judgeOtherFile(entry, ["_site.json", "_defaults.json"]);
}

function judgeStackEntry(entry: FolderEntry): Problem[] {
  const { kind, name, path } = entry;
  if (kind === "unusable") return [error(path, entry.problem)];
  if (kind === "folder") {
    return name.startsWith("_")
      ? []
      : [error(path, "is a folder inside a stack (expected machines' files only)")];
  }
  return isMachine(entry) ? [] : judgeOtherFile(entry, ["_defaults.json"]);
}

function judgeOtherFile({ name, path }: FolderEntry, known: readonly string[]): Problem[] {
  if (known.includes(name) || name === "README.md") return [];
  const message = name.endsWith(".json")
    ? `is read by nothing${didYouMean(name, known)}`
    : "is ignored (expected a name that ends in .json)";
  return [{ ...error(path, message), severity: "warning" }];
}

function findDefaults(entries: readonly FolderEntry[]): {
  defaults: string | undefined;
  hasUnusableDefaults: boolean;
} {
  const isUnusable = ({ kind, name }: FolderEntry) => name === "_defaults.json" && kind === "unusable";
  return { defaults: pathOf(entries, "_defaults.json"), hasUnusableDefaults: entries.some(isUnusable) };
}

function pathOf(entries: readonly FolderEntry[], name: string): string | undefined {
  return entries.find((entry) => entry.name === name && entry.kind === "file")?.path;
}

function error(file: string, message: string): Problem {
  return { file, pointer: "", rule: "files", severity: "error", message };
}
