import type { ErrorCode } from "../lib/error-codes.ts";
import { NixherdError } from "../lib/errors.ts";

/** Failures that go away by themselves within minutes, and where that is known from. */
const transientCodes: Readonly<Partial<Record<ErrorCode, string>>> = {
  LOCK_TIMEOUT: "Proxmox VE 9.2: a config file, storage or cluster lock that another task holds for a moment",
  CONNECTION_LOST:
    "Proxmox VE 9.2, pveproxy: 596 and 599 between nodes, resets and 502 to 504 while it restarts",
  PROVIDER_CRASHED: "OpenTofu 1.12.6, Terraform 1.11.4: the next run starts the provider anew",
  MACHINE_BUSY:
    "scripts/hooks/post-apply.sh, 17: nothing was changed, the other activation ends by its own timer",
  PLAN_STALE: "OpenTofu 1.12.6, Terraform 1.11.4: nothing was applied, a new plan can be",
};

/** Whether everything that an error tells of may pass: with a single lasting failure, trying again would only make noise. */
export function isTransient(error: unknown): error is NixherdError {
  if (!(error instanceof NixherdError)) return false;
  const causes: readonly unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [];
  return error.code in transientCodes && causes.every(isTransient);
}
