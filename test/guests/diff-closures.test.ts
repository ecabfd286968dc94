import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Closure, diffClosures, nameOf } from "../../guests/diff-closures.ts";
import { parseClosures } from "../../guests/read-closures.ts";

const hash = "0".repeat(32);
const path = (name: string) => `/nix/store/${hash}-${name}`;

test.each([
  ["bash-5.2p37", "bash", "5.2p37"],
  ["gcc-13.3.0-lib", "gcc", "13.3.0-lib"],
  ["unit-nginx.service", "unit-nginx.service", ""],
  ["python3.12-requests-2.32.3", "python3.12-requests", "2.32.3"],
  ["nixos-system-web-2-26.05.20261101", "nixos-system-web-2", "26.05.20261101"],
])("%s is %s in version %s", (base, name, version) => {
  expect(nameOf(path(base))).toEqual({ name, version });
});

test("packages that came, went, changed their version or only their size are told; what is the same is not", () => {
  const before: Closure = new Map([
    [path("bash-5.2"), 1000],
    [path("nginx-1.26.0"), 5000],
    [path("old-1.0"), 300],
    [path("docs-1"), 0],
  ]);
  const after: Closure = new Map([
    [path("bash-5.2"), 1000],
    [path("nginx-1.28.0"), 6000],
    [path("fresh-2.0"), 700],
    [path("docs-1"), 100_000],
  ]);
  expect(diffClosures(before, after)).toEqual({
    packages: [
      { name: "docs", kind: "changed", before: ["1"], after: ["1"], grownBytes: 100_000 },
      { name: "fresh", kind: "added", before: [], after: ["2.0"], grownBytes: 700 },
      { name: "nginx", kind: "changed", before: ["1.26.0"], after: ["1.28.0"], grownBytes: 1000 },
      { name: "old", kind: "removed", before: ["1.0"], after: [], grownBytes: -300 },
    ],
    bytesBefore: 6300,
    bytesAfter: 107_700,
  });
});

const someClosure: fc.Arbitrary<Closure> = fc
  .dictionary(fc.stringMatching(/^(bash|nginx|glibc|unit-x\.service)(-[0-9](\.[0-9])?)?$/), fc.nat(1_000_000))
  .map((sizes) => new Map(Object.entries(sizes).map(([name, bytes]) => [path(name), bytes])));

test("a system does not differ from itself", async () => {
  await fc.assert(
    fc.property(someClosure, (closure) => {
      expect(diffClosures(closure, closure).packages).toEqual([]);
    }),
  );
});

test("the way back is the way there, turned round", async () => {
  const turned = { added: "removed", removed: "added", changed: "changed" } as const;
  await fc.assert(
    fc.property(someClosure, someClosure, (left, right) => {
      const there = diffClosures(left, right).packages;
      const back = diffClosures(right, left).packages;
      expect(back).toEqual(
        there.map(({ name, kind, before, after, grownBytes }) => ({
          name,
          kind: turned[kind],
          before: after,
          after: before,
          grownBytes: 0 - grownBytes,
        })),
      );
    }),
  );
});

test("what a machine prints of two systems is read whole", async () => {
  await fc.assert(
    fc.property(someClosure, someClosure, (left, right) => {
      const lines = (closure: Closure) => [...closure].map(([name, bytes]) => `${bytes}\t${name}\n`).join("");
      const text = `running=${path("a")}\n${lines(left)}next=${path("b")}\n${lines(right)}`;
      expect(parseClosures(text)).toEqual({
        running: path("a"),
        next: path("b"),
        ...diffClosures(left, right),
      });
    }),
  );
});
