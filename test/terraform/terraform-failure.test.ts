import { expect, test } from "vitest";
import { NixherdError } from "../../lib/errors.ts";
import type { Diagnostic } from "../../terraform/diagnostic.ts";
import { terraformFailure } from "../../terraform/terraform-failure.ts";

const binary = { path: "/opt/tofu", product: "OpenTofu", version: "1.12.6" } as const;

function failure(diagnostics: readonly Diagnostic[], otherWords = ""): NixherdError {
  return terraformFailure({ binary, path: "/stack", command: "apply", exitCode: 1, diagnostics, otherWords });
}

function error(summary: string, detail = "", address?: string): Diagnostic {
  return { severity: "error", summary, detail, ...(address === undefined ? {} : { address }) };
}

test("The sentence comes first and Terraform's own words, with the resource, below it.", () => {
  const { code, message } = failure([error("VM start", "bridge 'nobr' does not exist", "a.vm-101")]);
  expect(code).toBe("BRIDGE_MISSING");
  expect(message.split("\n")).toEqual([
    "Bridge nobr does not exist on the machine's node.",
    "VM start (a.vm-101): bridge 'nobr' does not exist",
  ]);
});

test("Failures of one kind are counted, those of other kinds follow in the cause.", () => {
  const locked = Array.from({ length: 3 }, (_, index) =>
    error("VM is locked (backup)", "", `a.vm-10${index}`),
  );
  const main = failure([
    ...locked,
    error("Unsupported argument", "x"),
    error("VM start", "bridge 'b' does not exist"),
  ]);
  expect(main.code).toBe("VM_LOCKED");
  expect(main.message).toMatch(/\(a\.vm-100\)\n\(and 2 more like this\)$/);
  const others = main.cause instanceof AggregateError ? main.cause.errors : [];
  expect(others.map((other) => other instanceof NixherdError && other.code)).toEqual([
    "TERRAFORM_FAILED",
    "BRIDGE_MISSING",
  ]);
});

test("Unexplained failures with different words are all shown.", () => {
  const main = failure([error("First fault"), error("Second fault")]);
  const others = main.cause instanceof AggregateError ? main.cause.errors : [];
  expect(main.message).toContain("First fault");
  expect(String(others[0])).toContain("Second fault");
});

test("Without a diagnostic, what was printed is shown.", () => {
  expect(failure([], "panic: runtime error\n").message).toBe(
    "OpenTofu apply failed with exit code 1.\nit printed: panic: runtime error",
  );
});

test("A very long detail keeps its beginning and its end, and says what is left out.", () => {
  const { message } = failure([error("local-exec", `begin ${"x".repeat(20_000)} end`)]);
  expect(message).toMatch(/begin x+\n\[16010 characters left out\]\nx+ end$/);
});

test("Secrets are masked in the words and in the advice.", () => {
  process.env["NIXHERD_TEST_TOKEN"] = "top-secret-value";
  const { message } = failure([error("denied", "sent top-secret-value")]);
  delete process.env["NIXHERD_TEST_TOKEN"];
  expect(message).toContain("denied: sent ***");
});
