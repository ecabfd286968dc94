import { expect, test } from "vitest";
import { describeValue } from "../../specs/describe-value.ts";

test("A value is shown as JSON, up to 60 characters of it", () => {
  expect(describeValue({ a: [1, null] })).toBe('{"a":[1,null]}');
  expect(describeValue("x".repeat(58))).toBe(`"${"x".repeat(58)}"`);
  expect(describeValue("x".repeat(59))).toBe(`"${"x".repeat(59)}...`);
});

test("Neither a private key nor the credentials of a URL are shown", () => {
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\\nc2VjcmV0\\n-----END OPENSSH PRIVATE KEY-----";
  expect(describeValue({ key })).toBe("a private key (not shown)");
  expect(describeValue(["https://root:hunter2@pve1:8006/"])).toBe('["https://***@pve1:8006/"]');
  expect(describeValue("postgres://token@db/state")).toBe('"postgres://***@db/state"');
});
