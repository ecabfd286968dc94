import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AgentError, AgentNotRunning } from "../../../embedded/pve/guest-port.ts";

/** Asks a guest agent one thing after the other. */
export type Ask = (command: string, params?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The guest agent of one machine, over the serial port that QEMU gives it. Nobody else may ask at the same time: work waits its turn. */
export interface AgentChannel {
  /**
   * Connects, sees that the agent answers, and asks it whatever the work wants to know.
   *
   * @throws AgentNotRunning when no agent answers in time, AgentError when it refuses.
   */
  use<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
}

/** What an agent that runs needs at most for one answer, on a slow computer. */
const answerMs = 15_000;
/** A byte that no answer has in it; the agent forgets at it whatever it was reading. */
const delimiter = Buffer.from([0xff]);
let lastId = 0;

/** Makes the channel to the agent behind a unix socket, which is there while the machine has power. */
export function openAgentChannel(socketFile: string): AgentChannel {
  let earlier: Promise<unknown> = Promise.resolve();
  return {
    use: (work) => {
      const turn = earlier.then(() => withConnection(socketFile, work));
      // Whoever asked hears of a failure; the next one's turn comes all the same.
      earlier = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function withConnection<T>(socketFile: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const socket = connect(socketFile);
  const read = readLines(socket);
  try {
    await once(socket, "connect").catch(() => {
      throw new AgentNotRunning();
    });
    lastId += 1;
    socket.write(Buffer.concat([delimiter, Buffer.from(request("sync-delimited", { id: lastId }))]));
    // Before it come the agent's complaint of the delimiter, and answers to earlier questions that came too late.
    let line = await read();
    while (!isSynchronised(line)) line = await read();
    return await work(async (command, params) => {
      socket.write(request(command, params));
      return resultOf(await read());
    });
  } finally {
    socket.destroy();
  }
}

function isSynchronised(line: string): boolean {
  return (JSON.parse(line) as { readonly return?: unknown }).return === lastId;
}

function request(command: string, params: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ execute: `guest-${command}`, arguments: params })}\n`;
}

function resultOf(line: string): unknown {
  const answer = JSON.parse(line) as {
    readonly return?: unknown;
    readonly error?: { readonly desc: string };
  };
  if (answer.error !== undefined) throw new AgentError(answer.error.desc);
  return answer.return;
}

/** The next line each time it is called; an agent that says none in time does not run. */
function readLines(socket: Socket): () => Promise<string> {
  let buffered = "";
  const lines: string[] = [];
  socket.on("data", (chunk: Buffer) => {
    // The agent has the same delimiter: what came before it, whole or in part, was said to somebody else.
    const [said = "", ...afresh] = chunk.toString("latin1").split("\xff");
    if (afresh.length > 0) lines.length = 0;
    const parts = (afresh.at(-1) ?? buffered + said).split("\n");
    buffered = parts.pop() ?? "";
    lines.push(...parts.filter((line) => line.trim() !== ""));
  });
  // Power that is cut ends the connection; the reader runs into its deadline.
  socket.on("error", () => undefined);
  return async () => {
    const deadline = performance.now() + answerMs;
    while (lines.length === 0) {
      if (socket.destroyed || performance.now() > deadline) throw new AgentNotRunning();
      await sleep(5);
    }
    return lines.shift() ?? "";
  };
}
