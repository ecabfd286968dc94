import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCodes } from "../../lib/error-codes.ts";

/** The rows of the table: code, exit code, meaning, what to do. */
async function readTable(): Promise<string[][]> {
  const text = await readFile(join(import.meta.dirname, "..", "..", "docs", "errors.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => row.slice(2, -2).split(" | "));
}

test("docs/errors.md lists every code once, with its exit code, its meaning and what to do.", async () => {
  const table = await readTable();
  const documented = table.map(([code, exitCode, meaning]) => ({ code, exitCode, meaning }));
  const known = Object.entries(errorCodes).map(([code, { exitCode, meaning }]) => ({
    code: `\`${code}\``,
    exitCode: String(exitCode),
    meaning,
  }));
  expect(documented.toSorted(byCode)).toEqual(known.toSorted(byCode));
  for (const [code, , , advice] of table) expect(advice, code).toMatch(/^\S.{10,}\.$/);
});

function byCode(left: { code?: string | undefined }, right: { code?: string | undefined }): number {
  return (left.code ?? "") < (right.code ?? "") ? -1 : 1;
}
