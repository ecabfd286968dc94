import { AgentNotRunning, type GuestPort, withoutGuests } from "../../../../embedded/pve/guest-port.ts";
import type { StagedServer } from "./recording.ts";

/** Guests that do what those of a step did. */
export interface StagedGuests {
  readonly port: GuestPort;
  /** A deaf guest powers off after all. */
  readonly powerOff: (vmid: number) => void;
}

/** Makes a step's guests. */
export function stageGuests(server: StagedServer): StagedGuests {
  const { deaf = [], agents = {}, bootFailures = {}, holdsDevices = [] } = server;
  const ends = new Map(deaf.map((vmid) => [vmid, Promise.withResolvers<boolean>()]));
  const answerOf = createAgents(agents);
  const port: GuestPort = {
    ...withoutGuests,
    holdsDevices: (vmid) => holdsDevices.includes(vmid),
    boot: async ({ vmid }) => {
      const failure = bootFailures[vmid];
      if (failure !== undefined) throw new Error(failure);
    },
    shutdown: (vmid) => ends.get(vmid)?.promise ?? Promise.resolve(true),
    agent: async (vmid, command) => {
      const answer = answerOf(vmid, command);
      if (answer === null) throw new AgentNotRunning();
      return answer;
    },
  };
  return { port, powerOff: (vmid) => ends.get(vmid)?.resolve(true) };
}

function createAgents(
  agents: NonNullable<StagedServer["agents"]>,
): (vmid: number, command: string) => unknown {
  const asked = new Map<string, number>();
  return (vmid, command) => {
    const commands = agents[vmid];
    if (commands === undefined) return null;
    const answers = commands[command] ?? [{}];
    const question = `${vmid} ${command}`;
    const index = asked.get(question) ?? 0;
    asked.set(question, index + 1);
    return answers[Math.min(index, answers.length - 1)];
  };
}
