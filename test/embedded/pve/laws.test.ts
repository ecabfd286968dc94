import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkParameters } from "../../../embedded/pve/check/check-parameters.ts";
import {
  parsePropertyString,
  printPropertyString,
} from "../../../embedded/pve/check/parse-property-string.ts";
import { apiSchema } from "../../../embedded/pve/check/schema.ts";
import { formatOf, parseSize, printSize } from "../../../embedded/pve/config/drives.ts";
import { normalizeTags } from "../../../embedded/pve/config/normalize-value.ts";
import { ApiError } from "../../../embedded/pve/http/api-error.ts";
import { matchPath } from "../../../embedded/pve/http/match-path.ts";

const words = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_+.-]{0,8}$/);

describe("laws of the configuration's texts", () => {
  test("normalising tags twice changes nothing, and order and case of the input do not matter", () => {
    fc.assert(
      fc.property(fc.array(words), (tags) => {
        const once = normalizeTags(tags.join(";"));
        expect(normalizeTags(once)).toBe(once);
        expect(normalizeTags(tags.toReversed().join(", ").toUpperCase())).toBe(once);
      }),
    );
  });

  test("a printed size is read as the same number of bytes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 44 }), (bytes) => {
        expect(parseSize(printSize(bytes))).toBe(bytes);
      }),
    );
  });

  test("a printed property string is read as the same values", () => {
    const format = formatOf("scsi0");
    const keys = Object.keys(format).filter((key) => format[key]?.alias === undefined && key !== "file");
    const values = fc.dictionary(fc.constantFrom(...keys), fc.stringMatching(/^[2-9a-z][a-z0-9]{3,8}$/));
    fc.assert(
      fc.property(values, words, (options, file) => {
        const drive = { file, ...options };
        expect(parsePropertyString(format, printPropertyString(format, drive))).toEqual(drive);
      }),
    );
  });
});

describe("laws of the schema", () => {
  test("every path of the schema is matched by an address made from it", () => {
    for (const template of apiSchema.keys()) {
      const segments = template.split("/").filter((part) => part !== "");
      const match = matchPath(
        segments.map((part) => (part.startsWith("{") ? `value-of-${part.slice(1, -1)}` : part)),
      );
      expect(match?.template).toBe(template);
    }
  });

  test("whatever is sent, a check either passes or names parameters that were sent or are missing", () => {
    const methods = [...apiSchema.values()].flatMap((path) => [...path.values()]);
    const nameOf = (name: string) => name.replace("[n]", "0");
    const parametersOf = (names: readonly string[]) =>
      fc.dictionary(fc.constantFrom("bogus", ...names), fc.string({ maxLength: 30 }), { minKeys: 1 });
    const requests = fc.constantFrom(...methods).chain((schema) => {
      const { property, variants = {} } = schema.typed ?? {};
      const typed = Object.values(variants).flatMap((parameters) => Object.keys(parameters));
      const deciding = property === undefined ? [] : [property];
      const names = [...Object.keys(schema.parameters), ...typed, ...deciding].map(nameOf);
      return fc.record({ schema: fc.constant(schema), names: fc.constant(names), sent: parametersOf(names) });
    });
    fc.assert(
      fc.property(requests, ({ schema, names, sent }) => {
        try {
          checkParameters(schema, sent);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          expect(error.status).toBe(400);
          // Elements of lists and parameters of one type are reported with where they are.
          const places = Object.keys(error.errors ?? {});
          const bare = places.map((place) => place.replace(/^oneOf\[[^\]]*\]\./, "").replace(/\[\d+\]$/, ""));
          for (const name of bare) expect([...names, "bogus"]).toContain(name);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
