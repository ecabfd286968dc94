import { describe, expect, test } from "vitest";
import { problemsOf, warningsOf } from "./problems-of.ts";
import { smallMachine, smallSite } from "./temporary-repository.ts";

const site = { "vm-specs/_site.json": smallSite };

describe("The text of a machine's file is refused, with line and column, if it", () => {
  const cases: readonly [what: string, text: string | Uint8Array, problem: string][] = [
    ["is empty", "", "is empty (expected a JSON object)"],
    ["is blank", " \n\t", "is empty (expected a JSON object)"],
    ["starts with a BOM", "\uFEFF{}", "starts with a byte order mark (expected plain UTF-8)"],
    ["is not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "is not UTF-8 (expected UTF-8 text)"],
    ["is UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), "is not UTF-8 (expected UTF-8 text)"],
    ["holds a list", "[1]", "holds no object (expected { }, got a list)"],
    ["holds a number", "5", "holds no object (expected { }, got a single value)"],
    ["holds null", "null", "holds no object (expected { }, got a single value)"],
    [
      "has a trailing comma in an object",
      '{\n  "vmId": 101,\n}',
      "line 3, column 1: a comma before a closing bracket (expected none after the last entry)",
    ],
    [
      "has a trailing comma in a list",
      '{ "tags": ["a", ] }',
      "line 1, column 17: a comma before a closing bracket (expected none after the last entry)",
    ],
    ["has a comment", "{\n  // no\n}", "line 2, column 3: a comment (expected plain JSON, which has none)"],
    [
      "has a block comment",
      "/* no */ {}",
      "line 1, column 1: a comment (expected plain JSON, which has none)",
    ],
    [
      "lacks a comma",
      '{ "a": 1 "b": 2 }',
      "line 1, column 10: no comma here (expected , between two entries)",
    ],
    ["lacks a colon", '{ "a" 1 }', "line 1, column 7: no colon after the key (expected :)"],
    ["is cut off", '{ "a": [1', "line 1, column 10: the list is not closed (expected ])"],
    [
      "goes on after its end",
      "{} {}",
      "line 1, column 4: more after the end of the object (expected the end of the file)",
    ],
    [
      "has a text over two lines",
      '{ "a": "b\nc" }',
      'line 1, column 8: a text that is not closed (expected " on the same line)',
    ],
    [
      "has single quotes",
      "{ 'a': 1 }",
      "line 1, column 3: an unknown word or sign (expected a text in double quotes, a number, true, false or null)",
    ],
    [
      "has a bare tab in a text",
      '{ "a": "\t" }',
      "line 1, column 8: a control character in a text (expected an escape such as \\n or \\t)",
    ],
    [
      "has an unknown escape",
      '{ "a": "\\d" }',
      'line 1, column 8: an unknown escape (expected \\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t or \\u)',
    ],
    [
      "is nested too deep",
      `{"a":${"[".repeat(500_000)}`,
      "line 1: nested too deep (expected at most 64 levels)",
    ],
    [
      "is too large",
      `{"description":"${"x".repeat(10 * 1024 * 1024)}"}`,
      "is too large (expected at most 1 MiB, got 10.0 MiB)",
    ],
  ];

  test.for(cases)("%s", ([, text, problem]) => {
    expect(problemsOf({ ...site, "vm-specs/prod/web-1.json": text })).toEqual([
      `vm-specs/prod/web-1.json:: ${problem}`,
    ]);
  });
});

test("Keys that stand twice are all named, with their pointers", () => {
  const text = '{\n "vmId": 101,\n "cpu": { "cores": 1, "cores": 2 },\n "vmId": 102\n}';
  expect(problemsOf({ ...site, "vm-specs/prod/web-1.json": text })).toEqual([
    'vm-specs/prod/web-1.json:/cpu/cores: line 3, column 23: key "cores" is there twice (expected once)',
    'vm-specs/prod/web-1.json:/vmId: line 4, column 2: key "vmId" is there twice (expected once)',
  ]);
});

test("The same key in two objects is no repetition", () => {
  const machine = { ...smallMachine(101), disks: undefined };
  const text = JSON.stringify(machine).replace(
    "{",
    '{"disks":[{"slot":"virtio0","sizeGiB":8,"datastore":"local"},{"slot":"virtio1","sizeGiB":8,"datastore":"local"}],',
  );
  expect(warningsOf({ ...site, "vm-specs/prod/web-1.json": text })).toEqual([]);
});

test("A key that JavaScript takes for the prototype is refused wherever it stands", () => {
  const text = JSON.stringify(smallMachine(101)).replace("{", '{"nixos":{"settings":{"__proto__":{"a":1}}},');
  expect(problemsOf({ ...site, "vm-specs/prod/web-1.json": text })).toEqual([
    'vm-specs/prod/web-1.json:/nixos/settings/__proto__: line 1, column 23: key "__proto__" is refused (expected another name)',
  ]);
});

test("Nesting of 64 levels is read, one more is not, and brackets in a text are no levels", () => {
  const machine = (levels: number) => ({
    ...smallMachine(101),
    description: "[{".repeat(100),
    // The machine and its key nixos are two levels more.
    nixos: { settings: JSON.parse(`${'{"a":'.repeat(levels - 2)}1${"}".repeat(levels - 2)}`) },
  });
  expect(warningsOf({ ...site, "vm-specs/prod/web-1.json": machine(64) })).toEqual([]);
  expect(problemsOf({ ...site, "vm-specs/prod/web-1.json": JSON.stringify(machine(65), null, 1) })).toEqual([
    expect.stringMatching(
      /^vm-specs\/prod\/web-1\.json:: line \d\d: nested too deep \(expected at most 64 levels\)$/,
    ),
  ]);
});

test("A file of exactly 1 MiB is read", () => {
  const text = JSON.stringify(smallMachine(101));
  const padded = text + " ".repeat(1024 * 1024 - text.length);
  expect(warningsOf({ ...site, "vm-specs/prod/web-1.json": padded })).toEqual([]);
  expect(problemsOf({ ...site, "vm-specs/prod/web-1.json": `${padded} ` })).toEqual([
    "vm-specs/prod/web-1.json:: is too large (expected at most 1 MiB, got 1.0 MiB)",
  ]);
});
