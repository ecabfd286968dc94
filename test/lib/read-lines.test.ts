import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines } from "../../lib/read-lines.ts";

function linesOf(chunks: readonly string[], maxLineChars?: number): string[] {
  const lines: string[] = [];
  const reader = readLines((line) => lines.push(line), maxLineChars);
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return lines;
}

test("Lines do not depend on where the stream was cut into chunks.", () => {
  const chunk = fc.stringMatching(/^[ab\n]{0,6}$/);
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      expect(linesOf(chunks)).toEqual(linesOf([chunks.join("")]));
    }),
  );
});

test("Lines joined again are the text, whatever it holds, except for carriage returns before newlines.", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (chunks) => {
      const text = chunks.join("");
      expect(linesOf(chunks).join("\n")).toBe(text.replaceAll("\r\n", "\n").replace(/\n$/, ""));
    }),
  );
});

test("A line longer than allowed arrives in pieces of that size.", () => {
  expect(linesOf(["aaaaaaa", "a\nb"], 3)).toEqual(["aaa", "aaa", "aa", "b"]);
});
