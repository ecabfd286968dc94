import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isInRange, parseAddress } from "../../specs/address.ts";
import { readPools } from "../../specs/address-pools.ts";

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

test("An address lies in its own subnet, which has the size that its prefix says", async () => {
  const cases = fc.oneof(
    fc.record({ family: fc.constant("ipv4" as const), text: ipv4, prefix: fc.integer({ min: 0, max: 32 }) }),
    fc.record({ family: fc.constant("ipv6" as const), text: ipv6, prefix: fc.integer({ min: 0, max: 128 }) }),
  );
  await fc.assert(
    fc.property(cases, ({ family, text, prefix }) => {
      const address = parseAddress(family, `${text}/${prefix}`);
      if (address === undefined) throw new Error(`${text} was not read`);
      expect(isInRange(address, address.subnet)).toBe(true);
      const bits = BigInt((family === "ipv4" ? 32 : 128) - prefix);
      expect(address.subnet.last - address.subnet.first + 1n).toBe(1n << bits);
    }),
  );
});

test("Two texts of one address have one canonical text", async () => {
  await fc.assert(
    fc.property(ipv6, (text) => {
      const address = parseAddress("ipv6", text);
      const again = parseAddress("ipv6", address?.text ?? "");
      expect(again).toEqual(address);
      expect(parseAddress("ipv6", text.toUpperCase())?.text).toBe(address?.text);
    }),
  );
});

test("An address of one family is none of the other", async () => {
  await fc.assert(
    fc.property(ipv4, ipv6, (four, six) => {
      expect(parseAddress("ipv6", four)).toBeUndefined();
      expect(parseAddress("ipv4", six)).toBeUndefined();
    }),
  );
});

test("A pool from first to last holds both ends and nothing beyond", () => {
  const [pool] = readPools([{ from: "10.0.0.5", to: "10.0.0.9" }]);
  const held = ["10.0.0.4", "10.0.0.5", "10.0.0.7", "10.0.0.9", "10.0.0.10"].filter((text) => {
    const address = parseAddress("ipv4", text);
    return address !== undefined && pool?.range !== undefined && isInRange(address, pool.range);
  });
  expect(held).toEqual(["10.0.0.5", "10.0.0.7", "10.0.0.9"]);
});

test("A subnet as pool holds the addresses of its own family only", () => {
  const [pool] = readPools(["0.0.0.0/0"]);
  const address = parseAddress("ipv6", "::5");
  expect(address !== undefined && pool?.range !== undefined && isInRange(address, pool.range)).toBe(false);
});
