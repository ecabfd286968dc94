import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonObject, type Json, type JsonObject, pointerKeys, pointerOf } from "../../specs/json.ts";
import { type Layer, mergeLayers, placeInLayers } from "../../specs/layers.ts";
import { mergePatch } from "../../specs/merge-patch.ts";

const keys = fc.constantFrom("a", "b", "c", "a/b", "~");

const json = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, true, 0, "x"),
    fc.array(tie("value"), { maxLength: 2 }),
    tie("object"),
  ),
  object: fc.dictionary(keys, tie("value"), { maxKeys: 3, noNullPrototype: true }),
}));

const layers = fc.array(json.object, { minLength: 1, maxLength: 3 }).map((values): Layer[] => {
  return values.map((value, index) => ({ file: `layer-${index}`, value }));
});

describe("A merge patch gives what RFC 7396 lists", () => {
  const examples: readonly [target: Json, patch: Json, result: Json][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];

  test.for(examples)("%j patched with %j is %j", ([target, patch, result]) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });
});

test("Patching twice with the same patch is patching once", async () => {
  await fc.assert(
    fc.property(json.value, json.value, (target, patch) => {
      const once = mergePatch(target, patch);
      expect(mergePatch(once, patch)).toEqual(once);
    }),
  );
});

test("An empty patch leaves an object as it is", async () => {
  await fc.assert(
    fc.property(json.object, (target) => {
      expect(mergePatch(target, {})).toEqual(target);
    }),
  );
});

test("Every key of a patch decides: null takes the key away, all but objects replace, objects are merged", async () => {
  await fc.assert(
    fc.property(json.object, json.object, (target, patch) => {
      const merged = mergePatch(target, patch);
      for (const [key, value] of Object.entries(patch)) {
        if (value === null) expect(merged).not.toHaveProperty([key]);
        else expect(merged[key]).toEqual(isJsonObject(value) ? mergePatch(target[key], value) : value);
      }
      const untouched = Object.keys(target).filter((key) => !Object.hasOwn(patch, key));
      for (const key of untouched) expect(merged[key]).toEqual(target[key]);
    }),
  );
});

test("A merge changes none of its inputs", async () => {
  await fc.assert(
    fc.property(json.object, json.object, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      mergePatch(target, patch);
      expect(JSON.stringify([target, patch])).toBe(before);
    }),
  );
});

test("Every value of a merge is found at the place where it was written", async () => {
  await fc.assert(
    fc.property(layers, (written) => {
      for (const { pointer, value } of leaves(mergeLayers(written), [])) {
        const place = placeInLayers(written, pointer);
        const layer = written.find(({ file }) => file === place.file);
        expect(place.pointer).toBe(pointer);
        expect(valueAt(layer?.value ?? {}, pointer)).toEqual(value);
      }
    }),
  );
});

test("A value that is written nowhere is placed at the deepest place above it in the last layer", () => {
  const written = [
    { file: "defaults", value: { cpu: { cores: 2 }, disks: [{ slot: "virtio0" }] } },
    { file: "machine", value: { memory: {} } },
  ];
  expect(placeInLayers(written, "/memory/sizeMiB")).toEqual({ file: "machine", pointer: "/memory" });
  expect(placeInLayers([...written, { file: "last", value: { cpu: null } }], "/cpu/cores")).toEqual({
    file: "last",
    pointer: "/cpu",
  });
  expect(placeInLayers(written, "/cpu/sockets")).toEqual({ file: "machine", pointer: "" });
  expect(placeInLayers(written, "/disks/0/sizeGiB")).toEqual({ file: "defaults", pointer: "/disks/0" });
});

test("Pointers and keys are two forms of one thing, whatever letters the keys have", async () => {
  await fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      expect(pointerKeys(pointerOf(path))).toEqual(path);
    }),
  );
});

/** All lists, scalars and empty objects of a value, with their pointers. */
function* leaves(value: Json, path: readonly string[]): Generator<{ pointer: string; value: Json }> {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  if (entries.length === 0 && path.length > 0 && !isJsonObject(value))
    yield { pointer: pointerOf(path), value };
  for (const [key, inner] of entries) yield* leaves(inner, [...path, key]);
}

function valueAt(value: Json, pointer: string): unknown {
  return pointerKeys(pointer).reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}
