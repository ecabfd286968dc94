import { type ApiError, failure, refusal } from "../http/api-error.ts";
import type { RuleOf } from "./fault-rule.ts";
import { type FaultState, takeFault } from "./fault-state.ts";
import { targetOfPath } from "./match-rule.ts";
import { lockTimeoutText } from "./task-faults.ts";

/** What a call meets instead of its answer. */
export interface CallFault {
  /** The call's work is done all the same; only its answer is lost. */
  readonly afterWork: boolean;
  /** The answer that comes instead; undefined resets the connection. */
  readonly answer: ApiError | undefined;
}

/** What a call meets. */
export interface CallFaults {
  readonly latencyMs: number;
  readonly fault: CallFault | undefined;
}

interface CallIdentity {
  readonly method: string;
  readonly segments: readonly string[];
}

/**
 * Reasons that Proxmox VE gives when the node that got a call cannot hand it on to the node it is for: no connection,
 * a connection that broke, a used connection that broke (libpve-http-server-perl before 5.1.2).
 */
const proxyReasons: Readonly<Record<number, string>> = {
  595: "No route to host",
  596: "Broken pipe",
  599: "Too many redirections",
};

function answerOf({ status, reason }: RuleOf<"status">, vmid: number | undefined): ApiError {
  if (status !== 500) return refusal(status, reason ?? proxyReasons[status] ?? "");
  return failure(reason ?? (vmid === undefined ? "got timeout" : lockTimeoutText(vmid)));
}

/** Decides what a call meets, once, when it has been read. */
export function takeCallFaults(faults: FaultState, call: CallIdentity, nowMs: number): CallFaults {
  const target = targetOfPath(call.segments);
  const event = { nowMs, call, ...target };
  const latency = takeFault(faults, ["latency"], event);
  const rule = takeFault(faults, ["status", "reset"], event);
  return {
    latencyMs: latency?.ms ?? 0,
    fault:
      rule === undefined
        ? undefined
        : {
            afterWork: rule.afterWork ?? false,
            answer: rule.fault === "status" ? answerOf(rule, target.vmid) : undefined,
          },
  };
}
