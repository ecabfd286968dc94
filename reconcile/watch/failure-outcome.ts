import type { ErrorCode } from "../../lib/error-codes.ts";
import { NixherdError } from "../../lib/errors.ts";
import type { Outcome } from "./stack-turn.ts";

/**
 * Failures that stay as long as nobody changes specs, site file, token or host: trying again by itself would only make
 * noise. Everything else may go away: a locked state, a node that restarts, a machine that was slow to boot.
 */
const terminalCodes: ReadonlySet<ErrorCode> = new Set([
  "INVALID_INPUT",
  "USAGE",
  "SYNTH_FAILED",
  "PLAN_HELD",
  "POLICY_CHECK_FAILED",
  "BACKEND_CHANGED",
  "WRONG_TOKEN",
  "NO_PERMISSION",
  "ENDPOINT_INVALID",
  "TLS_NOT_TRUSTED",
  "VMID_TAKEN",
  "MACHINE_HIDDEN",
  "VM_PROTECTED",
  "TEMPLATE_MISSING",
  "DATASTORE_MISSING",
  "BRIDGE_MISSING",
  "POOL_MISSING",
  "HOST_KEY_CHANGED",
  "TERRAFORM_MISSING",
  "TERRAFORM_NAMED_MISSING",
  "TERRAFORM_TOO_OLD",
  "COMMAND_NOT_STARTED",
]);

/** What failures of a run mean for its stack: one that may go away is worth another try, whatever else failed. */
export function outcomeOf(failures: readonly NixherdError[]): Outcome {
  if (failures.length === 0) return "done";
  return failures.flatMap(withCauses).some(({ code }) => !terminalCodes.has(code)) ? "retry" : "terminal";
}

function withCauses(error: NixherdError): NixherdError[] {
  const causes: readonly unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [];
  return [error, ...causes.filter((cause) => cause instanceof NixherdError)];
}
