import { expect, test } from "vitest";
import type { ErrorCode } from "../../lib/error-codes.ts";
import { NixherdError } from "../../lib/errors.ts";
import { isTransient } from "../../reconcile/transient-failures.ts";

function failure(code: ErrorCode, causes: readonly Error[] = []): NixherdError {
  return new NixherdError(code, { message: "It failed.", hint: "Wait.", cause: new AggregateError(causes) });
}

test("lock timeouts, lost connections and a provider that crashed pass by themselves", () => {
  const passing = [
    "LOCK_TIMEOUT",
    "CONNECTION_LOST",
    "PROVIDER_CRASHED",
    "MACHINE_BUSY",
    "PLAN_STALE",
  ] as const;
  expect(passing.filter((code) => !isTransient(failure(code)))).toEqual([]);
});

test("whatever somebody has to mend does not, nor does what is no failure of ours", () => {
  const lasting = [
    "VM_LOCKED",
    "NODE_DOWN",
    "WRONG_TOKEN",
    "BUILD_FAILED",
    "VMID_TAKEN",
    "INTERRUPTED",
  ] as const;
  expect(lasting.filter((code) => isTransient(failure(code)))).toEqual([]);
  expect(isTransient(new Error("LOCK_TIMEOUT"))).toBe(false);
});

test("one lasting failure among several makes the whole one last", () => {
  expect(isTransient(failure("LOCK_TIMEOUT", [failure("CONNECTION_LOST")]))).toBe(true);
  expect(isTransient(failure("LOCK_TIMEOUT", [failure("DATASTORE_MISSING")]))).toBe(false);
});
