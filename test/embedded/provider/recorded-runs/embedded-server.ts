import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import type { RunningPve } from "../../../../embedded/pve/start-pve.ts";
import { type CallAnswer, type ReceivedCall, startCallServer } from "./call-server.ts";
import { eventTimes, letHappen } from "./outside-events.ts";
import type { Recording } from "./recording.ts";
import { stagePve } from "./stage-pve.ts";
import type { StepServer } from "./step-server.ts";
import { startWebServer } from "./web-server.ts";

/** Starts an embedded Proxmox VE that is as the step found the real one, behind a server that keeps the calls. */
export async function startEmbeddedServer(recording: Recording): Promise<StepServer> {
  const stage = await stagePve(recording);
  const { pve } = stage;
  await letHappen(stage, recording, "before", 0);
  const agent = new Agent({ keepAlive: true, ca: pve.caPem });
  const server = await startCallServer((call) => forward(pve, agent, call));
  const web = await startWebServer(recording.server?.web ?? {});
  return {
    ...server,
    web: web.address,
    beginPhase: ({ phase }) => {
      server.reset();
      for (const call of eventTimes(recording, phase)) {
        server.onCall(call, () => letHappen(stage, recording, phase, call));
      }
    },
    close: async () => {
      await server.close();
      agent.destroy();
      await web.close();
      await pve.stop();
    },
  };
}

async function forward(pve: RunningPve, agent: Agent, { request: raw }: ReceivedCall): Promise<CallAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<CallAnswer>();
  const { host: _host, ...headers } = raw.headers;
  const outgoing = request(new URL(raw.url, pve.endpoint), { method: raw.method, headers, agent });
  outgoing.on("error", reject).on("response", (response) => {
    const { statusCode: status = 0, statusMessage: reason = "" } = response;
    text(response).then((body) => resolve({ status, reason, body }), reject);
  });
  outgoing.end(raw.body);
  return promise;
}
