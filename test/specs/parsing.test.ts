import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../specs/json.ts";
import { parseJson } from "../../specs/parse-json.ts";

const jsonObject = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  fc.jsonValue({ depthSize: "small" }),
  { noNullPrototype: true },
);

test("Every JSON object is read as what was written, however it is laid out", async () => {
  await fc.assert(
    fc.property(jsonObject, fc.constantFrom(undefined, 2, "\t", "\r\n "), (value, indent) => {
      const written = JSON.stringify(value, null, typeof indent === "string" ? "  " : indent);
      const text = typeof indent === "string" ? written.replaceAll("\n", `\n${indent}`) : written;
      expect(parseJson("web-1.json", text)).toEqual({ value: JSON.parse(text) as JsonObject });
    }),
  );
});

test("Whatever a text holds, it is read as JSON.parse would or refused with a sentence", async () => {
  const fragments = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"a"',
    '"',
    "1",
    "-",
    "true",
    " ",
    "\n",
    "//",
    "\\",
    "\u0000",
    "é",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fragments).map((parts) => `{"k":${parts.join("")}`),
  );
  await fc.assert(
    fc.property(texts, (text) => {
      const result = parseJson("web-1.json", text);
      if ("value" in result) expect(result.value).toEqual(JSON.parse(text));
      else
        for (const { message } of result.problems)
          expect(message).toMatch(/^.+\(expected .+\)$|^line \d+, column \d+: .+$/s);
    }),
    { numRuns: 1000 },
  );
});

test("A text that JSON.parse refuses is refused", async () => {
  const characters = fc.string({ unit: fc.constantFrom(...'{}[]:,"\\10.e-+ \n\ttfn/*'), maxLength: 12 });
  await fc.assert(
    fc.property(characters, (inner) => {
      const text = `{"a":${inner}}`;
      fc.pre(!isJson(text));
      expect(parseJson("web-1.json", text)).toHaveProperty("problems");
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
