import { describe, expect, test } from "vitest";
import { readFleet } from "../../specs/read-fleet.ts";
import { problemsOf, warningsOf } from "./problems-of.ts";
import { type Content, smallMachine, smallSite, temporaryRepository } from "./temporary-repository.ts";

const site = { "vm-specs/_site.json": smallSite };

describe("An entry of vm-specs is refused if it", () => {
  const cases: readonly [what: string, files: Readonly<Record<string, Content>>, problem: string][] = [
    [
      "is a link out of vm-specs",
      { "outside.json": smallMachine(101), "vm-specs/prod/web-1.json": { link: "../../outside.json" } },
      "vm-specs/prod/web-1.json:: is a link out of vm-specs (expected a file inside)",
    ],
    [
      "is a link into a folder whose name only begins like vm-specs",
      {
        "vm-specs-old/web-1.json": smallMachine(101),
        "vm-specs/prod/web-1.json": { link: "../../vm-specs-old/web-1.json" },
      },
      "vm-specs/prod/web-1.json:: is a link out of vm-specs (expected a file inside)",
    ],
    [
      "is a link to nothing",
      { "vm-specs/prod/web-1.json": { link: "nothing.json" } },
      "vm-specs/prod/web-1.json:: does not exist (expected a file)",
    ],
    [
      "is a link in a circle",
      { "vm-specs/prod/web-1.json": { link: "web-1.json" } },
      "vm-specs/prod/web-1.json:: cannot be read (ELOOP)",
    ],
    [
      "is a stack that is a link out of vm-specs",
      { "outside/web-1.json": smallMachine(101), "vm-specs/prod": { link: "../outside" } },
      "vm-specs/prod:: is a link out of vm-specs (expected a file inside)",
    ],
    [
      "is a named pipe, without waiting for a writer",
      { "vm-specs/prod/web-1.json": "named pipe" },
      "vm-specs/prod/web-1.json:: is not a regular file (expected a file)",
    ],
    [
      "is a folder inside a stack",
      { "vm-specs/prod/more/web-1.json": smallMachine(101) },
      "vm-specs/prod/more:: is a folder inside a stack (expected machines' files only)",
    ],
    [
      "is a machine in no stack",
      { "vm-specs/web-1.json": smallMachine(101) },
      "vm-specs/web-1.json:: is in no stack (expected vm-specs/<stack>/web-1.json)",
    ],
    [
      "is a stack whose name Terraform's files could not carry",
      { "vm-specs/Prod Web/web-1.json": smallMachine(101) },
      "vm-specs/Prod Web:: is no name for a stack (expected lower-case letters, digits and inner hyphens, at most 63)",
    ],
  ];

  test.for(cases)("%s", ([, files, problem]) => {
    expect(problemsOf({ ...site, ...files })).toEqual([problem]);
  });
});

test("Files that are no specs are ignored with a warning, or in silence if nobody takes them for one", () => {
  const files = {
    ...site,
    "vm-specs/README.md": "# Machines",
    "vm-specs/.gitkeep": "",
    "vm-specs/_host-keys/101.pub": "",
    "vm-specs/_sit.json": "{}",
    "vm-specs/notes.txt": "",
    "vm-specs/prod/README.md": "",
    "vm-specs/prod/.web-1.json.swp": "",
    "vm-specs/prod/_default.json": "not even JSON",
    "vm-specs/prod/_old/web-1.json": "",
    "vm-specs/prod/web-1.json.bak": "",
    "vm-specs/prod/web-1.json": smallMachine(101),
  };
  expect(warningsOf(files)).toEqual([
    'vm-specs/_sit.json:: is read by nothing (did you mean "_site.json"?)',
    "vm-specs/notes.txt:: is ignored (expected a name that ends in .json)",
    'vm-specs/prod/_default.json:: is read by nothing (did you mean "_defaults.json"?)',
    "vm-specs/prod/web-1.json.bak:: is ignored (expected a name that ends in .json)",
  ]);
});

test("A link that stays inside vm-specs is followed", () => {
  const files = {
    "vm-specs/_shared/web.json": smallMachine(101),
    "vm-specs/prod/web-1.json": { link: "../_shared/web.json" },
  };
  expect(warningsOf({ ...site, ...files })).toEqual([]);
});

test("A repository without vm-specs is told what is missing", () => {
  expect(problemsOf({ "README.md": "" })).toEqual([
    "vm-specs:: is missing (expected a folder with _site.json and one folder per stack)",
  ]);
});

test("A vm-specs that is no folder is refused", () => {
  expect(problemsOf({ "vm-specs": "" })).toEqual([
    "vm-specs:: cannot be read (ENOTDIR)",
    "vm-specs/_site.json:: is missing (expected the site file)",
  ]);
});

test("Stacks come in the order of names, machines in the order of VMIDs, an empty stack too", () => {
  const files = {
    ...site,
    "vm-specs/web/a.json": smallMachine(210),
    "vm-specs/web/b.json": smallMachine(205),
    "vm-specs/empty": "folder",
    "vm-specs/db/c.json": smallMachine(300),
  };
  const result = readFleet(temporaryRepository(files));
  const stacks = result.ok ? result.fleet.stacks : [];
  expect(stacks.map(({ name, machines }) => [name, ...machines.map((machine) => machine.name)])).toEqual([
    ["db", "c"],
    ["empty"],
    ["web", "b", "a"],
  ]);
});
