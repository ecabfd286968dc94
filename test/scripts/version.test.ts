import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { repository } from "./clone-repository.ts";

/** The answers of version_at_least for many pairs, from one bash. */
function versionsAtLeast(pairs: readonly (readonly [string, string])[]): boolean[] {
  const script = 'source "$1"; while read -r a b; do version_at_least "$a" "$b" && echo yes || echo no; done';
  const out = execFileSync("bash", ["-c", script, "bash", join(repository, "scripts/lib/version.sh")], {
    input: pairs.map((pair) => `${pair.join(" ")}\n`).join(""),
    encoding: "utf8",
  });
  return out
    .trim()
    .split("\n")
    .map((answer) => answer === "yes");
}

/** Few values, so that versions often share their first parts; some with two digits. */
const part = fc.constantFrom(0, 1, 2, 9, 10, 24);
const parts = fc.tuple(part, part, part);

test("versions are compared number by number", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(parts, parts), { minLength: 30, maxLength: 60 }), (pairs) => {
      const expected = pairs.map(([a, b]) => (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) >= 0);
      expect(versionsAtLeast(pairs.map(([a, b]) => [a.join("."), b.join(".")]))).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ["v24.12.0", "24.12", true],
  ["24.12", "24.12.0", true],
  ["24.9.1", "24.12", false],
  ["1.12.6-dev", "1.8", true],
  ["2", "1.9", true],
  ["1", "1.9", false],
])("%s is at least %s: %s", (version, minimum, answer) => {
  expect(versionsAtLeast([[version, minimum]])).toEqual([answer]);
});
