import { AgentError, AgentNotRunning, type GuestPort } from "../../../../embedded/pve/guest-port.ts";
import type { RecordedCall } from "./recording.ts";

/** Guests whose agents say next what the recorded ones said. */
export interface AgentScript {
  readonly port: GuestPort;
  /** The next agent call is answered as this one was. */
  expect(call: RecordedCall): void;
  /** False: the guests go on running when they are asked to shut down. */
  obeys: boolean;
}

/** Answers that come from the server alone. */
const serverRefusals = /^(?:VM \d+ is not running|Permission check failed.*)$/;

/** Text of an agent whose error does not fit a status line. */
const unprintable = "Failed to execute child process \u201c/no/such/binary\u201d (No such file or directory)";

/** Numbers that the server makes of an agent's true and false. */
const flags = ["exited", "out-truncated", "err-truncated"];

/** What the guest must have said for the server to answer as recorded. */
function answerBehind({ path, data }: RecordedCall): unknown {
  const answer = data as Record<string, unknown> | undefined;
  if (answer?.["result"] !== undefined) return answer["result"];
  if (!path.endsWith("/exec-status")) return answer;
  const entries = Object.entries(answer ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, flags.includes(key) ? value === 1 : value]));
}

function errorBehind({ status, reason = "" }: RecordedCall): Error {
  if (status === 596) return new AgentError(unprintable);
  if (reason === "QEMU guest agent is not running") return new AgentNotRunning();
  if (serverRefusals.test(reason)) return new Error("the server asked the guest instead of refusing");
  return new AgentError(reason.replace(/^Agent error: /, ""));
}

/** Makes guests that say nothing until told to. */
export function createAgentScript(): AgentScript {
  const next = new Map<string, () => Promise<unknown>>();
  // A shutdown asks for a sign of life that no call of the recording asked for.
  const unasked = (command: string) =>
    command === "ping" ? Promise.resolve({}) : Promise.reject(new AgentNotRunning());
  const script: AgentScript = {
    obeys: true,
    expect: (call) => {
      const isGood = (call.status ?? 200) === 200;
      const command = call.path.slice(call.path.lastIndexOf("/") + 1);
      next.set(command, () =>
        isGood ? Promise.resolve(answerBehind(call)) : Promise.reject(errorBehind(call)),
      );
    },
    port: {
      boot: () => Promise.resolve(),
      shutdown: () => Promise.resolve(script.obeys),
      powerOff: () => Promise.resolve(),
      destroy: () => Promise.resolve(),
      agent: (_vmid, command) => next.get(command)?.() ?? unasked(command),
    },
  };
  return script;
}
