import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findKeyProblem } from "../../specs/find-key-problem.ts";

const kinds: readonly [name: string, options: readonly string[]][] = [
  ["ed25519", ["-t", "ed25519"]],
  ["rsa-2048", ["-t", "rsa", "-b", "2048"]],
  ["rsa-3072", ["-t", "rsa", "-b", "3072"]],
  ["ecdsa-256", ["-t", "ecdsa", "-b", "256"]],
  ["ecdsa-384", ["-t", "ecdsa", "-b", "384"]],
  ["ecdsa-521", ["-t", "ecdsa", "-b", "521"]],
];

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nixherd-keys-"));
  for (const [name, options] of [...kinds, ["rsa-1024", ["-t", "rsa", "-b", "1024"]] as const]) {
    execFileSync("ssh-keygen", ["-q", "-N", "", "-C", `${name} key`, "-f", join(folder, name), ...options]);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function publicKey(name: string): string {
  return readFileSync(join(folder, `${name}.pub`), "utf8");
}

describe("A key that ssh-keygen makes is accepted", () => {
  test.for(kinds)("%s", ([name]) => {
    expect(findKeyProblem(publicKey(name))).toBeUndefined();
  });
});

test("The bits of an RSA key are counted as ssh-keygen counts them", () => {
  expect(
    execFileSync("ssh-keygen", ["-l", "-f", join(folder, "rsa-1024.pub")], { encoding: "utf8" }),
  ).toMatch(/^1024 /);
  expect(findKeyProblem(publicKey("rsa-1024"))).toBe(
    "is too weak (expected RSA of at least 2048 bits, got 1024)",
  );
});

test("A private key is refused without a word of it", () => {
  const key = readFileSync(join(folder, "ed25519"), "utf8");
  const problem = findKeyProblem(key) ?? "";
  expect(problem).toMatch(/^is a private key/);
  for (const line of key.split("\n").filter((text) => /^[A-Za-z0-9+/=]{20,}$/.test(text)))
    expect(problem).not.toContain(line);
});

test("A key that is cut off anywhere is refused", async () => {
  await fc.assert(
    fc.property(
      fc.constantFrom(...kinds.map(([name]) => name)),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (name, part) => {
        const [type = "", data = ""] = publicKey(name).split(" ");
        const cut = data.slice(0, Math.floor(data.replace(/=+$/, "").length * part));
        expect(findKeyProblem(`${type} ${cut}`)).toMatch(/damaged|too weak/);
      },
    ),
  );
});

test("A key under another key's type is refused", () => {
  const types = kinds.map(([name]) => publicKey(name).split(" ")[0] ?? "");
  for (const [name] of kinds) {
    const [own, data] = publicKey(name).split(" ");
    for (const type of types.filter((other) => other !== own))
      expect(findKeyProblem(`${type} ${data}`)).toMatch(/damaged/);
  }
});

describe("A key whose parts do not fit together is refused", () => {
  const point = (bytes: number) => Buffer.alloc(bytes, 4);
  const cases: readonly [what: string, line: string][] = [
    ["another curve than its type says", keyLine("ecdsa-sha2-nistp256", Buffer.from("nistp384"), point(65))],
    ["a point of another curve", keyLine("ecdsa-sha2-nistp256", Buffer.from("nistp256"), point(97))],
    ["a field too many", keyLine("ssh-ed25519", point(32), point(1))],
    ["a field too few", keyLine("sk-ssh-ed25519@openssh.com", point(32))],
    ["bytes after its last field", `${keyLine("ssh-ed25519", point(32)).replace(/=+$/, "")}AA`],
    ["letters that are not base64", keyLine("ssh-ed25519", point(32)).replace("A", "*")],
  ];

  test.for(cases)("%s", ([, line]) => {
    expect(findKeyProblem(line)).toBe("is damaged (expected a complete key)");
  });

  test("while the same parts in order are accepted, an empty last one too", () => {
    expect(findKeyProblem(keyLine("sk-ssh-ed25519@openssh.com", point(32), Buffer.alloc(0)))).toBeUndefined();
    expect(
      findKeyProblem(keyLine("ecdsa-sha2-nistp256", Buffer.from("nistp256"), point(65))),
    ).toBeUndefined();
    expect(
      findKeyProblem(keyLine("sk-ssh-ed25519@openssh.com", point(32), Buffer.from("ssh:"))),
    ).toBeUndefined();
  });
});

function keyLine(type: string, ...fields: readonly Buffer[]): string {
  const parts = [Buffer.from(type), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(parts).toString("base64")}`;
}
