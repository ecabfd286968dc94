import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { formatProblem } from "../../lib/problem.ts";
import { readFleet } from "../../specs/read-fleet.ts";
import { schemaFiles } from "../../specs/write-schemas.ts";

const root = join(import.meta.dirname, "../..");
const files = Object.entries(schemaFiles());

interface Schema {
  readonly [keyword: string]: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

test.for(files)("The committed %s is what the code writes (node specs/write-schemas.ts)", ([name, text]) => {
  expect(readFileSync(join(root, "specs", name), "utf8")).toBe(text);
});

test("There is no committed schema that the code does not write", () => {
  const committed = readdirSync(join(root, "specs")).filter((name) => name.endsWith(".schema.json"));
  expect(committed.toSorted()).toEqual(files.map(([name]) => name).toSorted());
});

test.for(files)("%s is valid JSON Schema 2020-12 for a strict reader", ([, text]) => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  ajv.addKeyword("patternErrorMessage");
  expect(() => ajv.compile(JSON.parse(text))).not.toThrow();
});

describe.for(files)("In %s", ([, text]) => {
  const keys = [...keysOf(JSON.parse(text), "")];

  test("every key is described", () => {
    expect(keys.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([]);
  });

  test("a description names its default as the schema has it", () => {
    const wrong = keys.filter(({ schema }) => !namesDefault(schema)).map(({ path }) => path);
    expect(wrong).toEqual([]);
  });

  test("an object refuses unknown keys, unless its keys are free", () => {
    const open = keys.filter(({ schema }) => schema.properties && schema["additionalProperties"] !== false);
    expect(open.map(({ path }) => path)).toEqual([]);
  });
});

test("Every JSON file of the demo names the schema of its kind and fits it", () => {
  const folder = join(root, "vm-specs");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".json"),
  );
  expect(paths.length).toBeGreaterThanOrEqual(5);
  for (const path of paths) {
    const document = JSON.parse(readFileSync(join(folder, path), "utf8"));
    const schemaPath = join(dirname(join(folder, path)), document.$schema);
    expect(schemaPath).toBe(join(root, "specs", schemaFor(path)));
    expect(editorErrors(schemaPath, document)).toEqual([]);
  }
});

test("The demo is valid in a plain clone, without a warning", () => {
  const result = readFleet(root);
  expect(result.ok ? result.warnings : result.problems.map(formatProblem)).toEqual([]);
});

test("Editors accept null for what a defaults file says, and a machine without what its defaults say", () => {
  const errors = editorErrors(join(root, "specs/vm-spec.schema.json"), {
    vmId: 101,
    node: null,
    cpu: { type: null },
    nixos: null,
  });
  expect(errors).toEqual([]);
});

test("Editors refuse what no merge can mend", () => {
  const machine = { node: "pve1", cpus: {}, disks: [{ slot: "virtio0" }, null] };
  expect(editorErrors(join(root, "specs/vm-spec.schema.json"), machine)).toEqual([
    "/ required",
    "/ additionalProperties",
    "/disks/0 required",
    "/disks/0 required",
    "/disks/1 type",
  ]);
});

function schemaFor(path: string): string {
  if (path === "_site.json") return "site.schema.json";
  return path.endsWith("_defaults.json") ? "vm-defaults.schema.json" : "vm-spec.schema.json";
}

function editorErrors(schemaPath: string, document: unknown): string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validate = ajv.compile(JSON.parse(readFileSync(schemaPath, "utf8")));
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath || "/"} ${keyword}`);
}

/** Every key of every object in a schema, at any depth. */
function* keysOf(schema: Schema, path: string): Generator<{ path: string; schema: Schema }> {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const own = `${path}/${key}`;
    yield { path: own, schema: inner };
    yield* keysOf(inner, own);
  }
  const parts = [...(schema.anyOf ?? []), ...Object.values(schema.patternProperties ?? {})];
  for (const part of schema.items === undefined ? parts : [...parts, schema.items])
    yield* keysOf(part, `${path}/*`);
}

/** A default that is no empty object is named as JSON, or by the word "none" if it is empty. */
function namesDefault({ default: value, description = "" }: Schema): boolean {
  if (value === undefined || JSON.stringify(value) === "{}") return true;
  const isEmpty = value === "" || (Array.isArray(value) && value.length === 0);
  return description
    .replaceAll(" ", "")
    .includes((isEmpty ? "Default: none" : `Default: ${JSON.stringify(value)}`).replaceAll(" ", ""));
}
