import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { listFiles } from "./list-files.ts";

// Usage: node scripts/check-links.ts
// Every link of a Markdown file to a file or heading of this repository leads somewhere.

const link = /\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s+(\S+)/g;
const isElsewhere = /^[a-z][a-z0-9+.-]*:/i;

const files = listFiles();
const dead = files.filter((path) => path.endsWith(".md")).flatMap(deadLinks);
for (const problem of dead) console.error(problem);
process.exitCode = dead.length > 0 ? 1 : 0;

function deadLinks(path: string): string[] {
  return proseLines(path).flatMap(({ number, text }) =>
    [...text.matchAll(link)]
      .map((match) => match[1] ?? match[2] ?? "")
      .filter((target) => !isElsewhere.test(target) && !leadsSomewhere(path, target))
      .map((target) => `${path}:${number}: ${target} does not exist`),
  );
}

function leadsSomewhere(from: string, target: string): boolean {
  const [relative = "", anchor] = decodeURI(target).split("#");
  const path = relative === "" ? from : normalize(join(dirname(from), relative)).replace(/\/$/, "");
  const isTracked = files.includes(path) || files.some((file) => file.startsWith(`${path}/`));
  if (!isTracked || !existsSync(path)) return false;
  return anchor === undefined || !path.endsWith(".md") || headingAnchors(path).includes(anchor);
}

/** The anchors that GitHub gives the headings of a file. */
function headingAnchors(path: string): string[] {
  const headings = proseLines(path).flatMap(({ text }) => /^#+\s+(.*)$/.exec(text)?.[1] ?? []);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

/** The lines outside fenced code, numbered from 1. */
function proseLines(path: string): { number: number; text: string }[] {
  let isCode = false;
  return readFileSync(path, "utf8")
    .split("\n")
    .map((text, index) => ({ number: index + 1, text }))
    .filter(({ text }) => {
      const isFence = /^\s*(```|~~~)/.test(text);
      if (isFence) isCode = !isCode;
      return !isFence && !isCode;
    });
}
