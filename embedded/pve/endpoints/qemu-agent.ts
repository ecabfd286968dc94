import { apiSchema } from "../check/schema.ts";
import { AgentError, AgentNotRunning } from "../guest-port.ts";
import { failure, refusal } from "../http/api-error.ts";
import { isAgentEnabled } from "../reports/vm-status.ts";
import type { Call, Endpoint, EndpointTable } from "./endpoint.ts";
import { vmOf } from "./vm-call.ts";

const agentPath = "/nodes/{node}/qemu/{vmid}/agent/";

/** Commands whose answer is not wrapped in `result`, to what becomes of it. */
const bareCommands: Readonly<Record<string, (answer: unknown) => unknown>> = {
  exec: (answer) => answer,
  "exec-status": flagsAsNumbers,
  "file-read": (answer) => answer,
  "file-write": () => null,
};

function inResult(result: unknown): unknown {
  return { result };
}

/** An agent's true and false come out as 1 and 0. */
function flagsAsNumbers(answer: unknown): unknown {
  const entries = Object.entries(typeof answer === "object" && answer !== null ? answer : {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "boolean" ? Number(value) : value]),
  );
}

/** A text that does not fit the status line breaks the real server's answer (measured with exec). */
function fitsStatusLine(text: string): boolean {
  return /^[\t\u0020-\u00ff]*$/.test(text);
}

async function toApiError(call: Call, error: unknown): Promise<Error> {
  if (error instanceof AgentNotRunning) {
    await call.cluster.clock.sleep(call.cluster.delays.silentAgentMs);
    return failure(error.message);
  }
  if (!(error instanceof AgentError)) throw error;
  return fitsStatusLine(error.message)
    ? failure(`Agent error: ${error.message}`)
    : refusal(596, "Broken pipe");
}

function commandParameters(call: Call): Record<string, unknown> {
  const { node: _node, vmid: _vmid, ...rest } = call.parameters;
  const { command } = rest;
  return typeof command === "string" ? { ...rest, command: command.split("\0") } : rest;
}

/** Answers by asking the guest's agent. */
function agentEndpoint(command: string): Endpoint {
  return async (call) => {
    const vm = vmOf(call);
    if (vm.config["agent"] === undefined) throw failure("No QEMU guest agent configured");
    if (vm.process === undefined) throw failure(`VM ${vm.vmid} is not running`);
    if (!isAgentEnabled(vm)) throw failure(new AgentNotRunning().message);
    try {
      const result = await call.cluster.guests.agent(vm.vmid, command, commandParameters(call));
      const print = bareCommands[command] ?? inResult;
      return print(result);
    } catch (error) {
      throw await toApiError(call, error);
    }
  };
}

/** Every agent command that the schema has, by its own method. */
export const qemuAgentEndpoints: EndpointTable = Object.fromEntries(
  [...apiSchema.entries()].flatMap(([path, methods]) =>
    path.startsWith(agentPath)
      ? [...methods.keys()].map(
          (method) => [`${method} ${path}`, agentEndpoint(path.slice(agentPath.length))] as const,
        )
      : [],
  ),
);
