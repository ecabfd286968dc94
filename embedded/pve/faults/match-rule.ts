import type { FaultRule } from "./fault-rule.ts";

/** Something that happens and may meet a fault. */
export interface FaultEvent {
  readonly nowMs: number;
  /** A call of the API; segments below /api2/json. */
  readonly call?: { readonly method: string; readonly segments: readonly string[] } | undefined;
  /** Type of a task: `qmclone`. */
  readonly task?: string | undefined;
  readonly node?: string | undefined;
  readonly vmid?: number | undefined;
}

/** The node and machine that a call's path names. */
export function targetOfPath(segments: readonly string[]): Pick<FaultEvent, "node" | "vmid"> {
  const [first, node, kind, vmid] = segments;
  if (first !== "nodes") return {};
  return { node, vmid: kind === "qemu" && vmid !== undefined ? Number(vmid) : undefined };
}

function matchesPath(pattern: string, segments: readonly string[]): boolean {
  const parts = pattern.split("/").filter((part) => part !== "");
  const hasRest = parts.at(-1) === "**";
  const fixed = hasRest ? parts.slice(0, -1) : parts;
  if (hasRest ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((part, index) => part === "*" || part === segments[index]);
}

function matchesCall(pattern: string, { call }: FaultEvent): boolean {
  const [method, path = ""] = pattern.split(" ");
  if (call === undefined || (method !== "*" && method !== call.method)) return false;
  return matchesPath(path, call.segments);
}

/** Is the event one of those that the rule is about? What a rule does not name, it does not ask for. */
export function matchesRule(rule: FaultRule, event: FaultEvent): boolean {
  if ("call" in rule && rule.call !== undefined && !matchesCall(rule.call, event)) return false;
  if ("task" in rule && rule.task !== undefined && rule.task !== event.task) return false;
  if ("node" in rule && rule.node !== undefined && rule.node !== event.node) return false;
  return !("vmid" in rule && rule.vmid !== undefined && rule.vmid !== event.vmid);
}
