import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CtyType } from "../../../../embedded/provider/wire/cty-type.ts";
import { decodeValue, encodeValue } from "../../../../embedded/provider/wire/dynamic-value.ts";
import { valueFromJson } from "../../../../embedded/provider/wire/json-value.ts";
import { Decimal, Unknown, unknown, type Value } from "../../../../embedded/provider/wire/value.ts";

const type: CtyType = [
  "object",
  { text: "string", number: "number", flag: "bool", list: ["list", "string"], map: ["map", "number"] },
];

const orMissing = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null | Unknown> =>
  fc.oneof(arbitrary, fc.constant(null), fc.constant(unknown));

// Integers beyond the safe ones come back as text by design.
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
);

const value: fc.Arbitrary<Value> = fc.record({
  text: orMissing(fc.string()),
  number: orMissing(number),
  flag: orMissing(fc.boolean()),
  list: orMissing(fc.array(orMissing(fc.string()))),
  map: orMissing(fc.dictionary(fc.stringMatching(/^[a-z]+$/), number)),
});

test("what is written is read back the same, unknown and null values too", () => {
  fc.assert(
    fc.property(value, (written) => {
      expect(decodeValue(encodeValue(written, type), type)).toEqual(written);
    }),
  );
});

test("a number that no float holds keeps every digit of its text", () => {
  const long = new Decimal("123456789.123456789123");
  expect(decodeValue(encodeValue(long, "number"), "number")).toEqual(long);
  expect(valueFromJson("123456789.123456789123", "number")).toEqual(long);
});

test("a fraction is written as text, since 0.1 as a float is another number", () => {
  expect(decode(encodeValue(0.1, "number"))).toBe("0.1");
});

test("a refined unknown value goes back byte for byte", () => {
  const refined = new Unknown(new Uint8Array([0x81, 0x01, 0xc2]));
  const back = decodeValue(encodeValue(refined, "string"), "string");
  expect(back).toBeInstanceOf(Unknown);
  expect([...((back as Unknown).refinement ?? [])]).toEqual([0x81, 0x01, 0xc2]);
});

test("a dynamic value carries its own type", () => {
  const dynamic: Value = [new TextEncoder().encode('["list","number"]'), [1, 2]];
  expect(decodeValue(encodeValue(dynamic, "dynamic"), "dynamic")).toEqual(dynamic);
});

test("an object gets exactly the keys of its type", () => {
  const written = decode(encodeValue({ text: "a", surplus: "b" }, type)) as Record<string, unknown>;
  expect(Object.keys(written).sort()).toEqual(["flag", "list", "map", "number", "text"]);
});
