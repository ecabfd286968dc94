import { setTimeout as sleep } from "node:timers/promises";
import { apiSchema } from "../check/schema.ts";
import { AgentError, AgentNotRunning } from "../guest-port.ts";
import { failure, refusal } from "../http/api-error.ts";
import { isAgentEnabled } from "../reports/vm-status.ts";
import type { Call, Endpoint, EndpointTable } from "./endpoint.ts";
import { vmOf } from "./vm-call.ts";

const agentPath = "/nodes/{node}/qemu/{vmid}/agent/";

/** Commands whose answer is not wrapped in `result`. */
const bareCommands = new Set(["exec", "exec-status", "file-read", "file-write"]);

/** A text that does not fit the status line breaks the real server's answer (measured with exec). */
function fitsStatusLine(text: string): boolean {
  return /^[\t\u0020-\u00ff]*$/.test(text);
}

async function toApiError(call: Call, error: unknown): Promise<Error> {
  if (error instanceof AgentNotRunning) {
    await sleep(call.cluster.delays.silentAgentMs);
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
    if (vm.process === undefined) throw failure(`VM ${vm.vmid} is not running`);
    if (!isAgentEnabled(vm)) throw failure("No QEMU guest agent configured");
    try {
      const result = await call.cluster.guests.agent(vm.vmid, command, commandParameters(call));
      return bareCommands.has(command) ? result : { result };
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
