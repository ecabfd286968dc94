import fc from "fast-check";
import { expect, test } from "vitest";
import { maskSecrets, maskSecretsIn } from "../../lib/mask-secrets.ts";

const token = "terraform@pve!ci=0f8fad5b-d9cb-469f-a165-70867728950e";

test("A token from the environment disappears whole and by its secret half alone.", () => {
  const env = { PROXMOX_VE_API_TOKEN: "terraform@pve!ci=not-a-uuid-but-secret" };
  expect(maskSecrets("sent terraform@pve!ci=not-a-uuid-but-secret", env)).toBe("sent ***");
  expect(maskSecrets("half: not-a-uuid-but-secret", env)).toBe("half: ***");
});

test("A token that is in no variable keeps its name and loses its secret.", () => {
  expect(maskSecrets(`PVEAPIToken=${token}`, {})).toBe("PVEAPIToken=terraform@pve!ci=***");
});

test("A password inside a URL is masked, its user and host stay.", () => {
  expect(maskSecrets("postgres://ops:hunter2@db.example:5432/state", {})).toBe(
    "postgres://ops:***@db.example:5432/state",
  );
});

test("Each line of a secret of several lines is masked by itself.", () => {
  const env = { OPS_PRIVATE_KEY: "-----BEGIN KEY-----\nAAAABBBBCCCC\n-----END KEY-----" };
  expect(maskSecrets("leaked AAAABBBBCCCC", env)).toBe("leaked ***");
});

test("Values too short to be secrets, and variables with harmless names, are left alone.", () => {
  const env = { USE_TOKEN: "true", HOME: "/home/somebody" };
  expect(maskSecrets("true at /home/somebody", env)).toBe("true at /home/somebody");
});

test("A secret is masked in its percent-encoded form too.", () => {
  expect(maskSecrets("?password=p%40ss%20word%2F1", { SOME_PASSWORD: "p@ss word/1" })).toBe("?password=***");
});

test("Every string inside a value is masked, keys and other values stay.", () => {
  const env = { SOME_TOKEN: "very-secret" };
  const value = { list: ["a very-secret b", 7, null], "very-secret": { deep: "very-secret" } };
  expect(maskSecretsIn(value, env)).toEqual({ list: ["a *** b", 7, null], "very-secret": { deep: "***" } });
});

test("No text shows a secret, wherever it stands.", () => {
  const secret = fc.string({ minLength: 8, maxLength: 40 }).filter((value) => value.trim() === value);
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      fc.pre(!"***".includes(value));
      const masked = maskSecrets(`${before}${value}${after}`, {
        SOME_PASSWORD: value,
      });
      // What stands around a mask may happen to spell the secret again only if it was there in the parts.
      const seams = `${before}***${after}`;
      return seams.includes(value) || !masked.includes(value);
    }),
  );
});
