/** A phase line of the hook. */
export interface HookPhase {
  readonly phase: string;
  readonly state: "start" | "ok" | "fail" | "skip";
  readonly durationMs: number;
}

const phaseLine = /^phase=([a-z][a-z0-9-]*) state=(start|ok|fail|skip) ms=(\d+)$/;

/** Reads a line `phase=<name> state=<state> ms=<n>` of scripts/hooks/post-apply.sh; undefined for every other line. */
export function readHookPhase(line: string): HookPhase | undefined {
  const [, phase, state, ms] = phaseLine.exec(line.trim()) ?? [];
  if (phase === undefined || state === undefined) return undefined;
  return { phase, state: state as HookPhase["state"], durationMs: Number(ms) };
}
