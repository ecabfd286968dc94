import { Agent, fetch } from "undici";
import type { FaultRule } from "../../../embedded/pve/faults/fault-rule.ts";
import type { RunningPve } from "../../../embedded/pve/start-pve.ts";
import { adminToken } from "./lab.ts";

/** The control endpoint's answer. */
export interface FaultAnswer {
  readonly status: number;
  readonly body: {
    readonly errors?: Readonly<Record<string, string>>;
    readonly rules?: readonly {
      readonly matched: number;
      readonly applied: number;
      readonly active: boolean;
    }[];
  };
}

/** Sends a request to a running server's control endpoint. */
export async function callFaults(
  pve: RunningPve,
  method: string,
  body?: unknown,
  token = pve.tokens[adminToken],
): Promise<FaultAnswer> {
  const dispatcher = new Agent({ connect: { ca: pve.caPem } });
  const headers = token === undefined ? {} : { authorization: `PVEAPIToken=${token}` };
  const response = await fetch(new URL("embedded/faults", pve.endpoint), {
    method,
    dispatcher,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  await dispatcher.close();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** Replaces the faults of a server. */
export async function setFaults(pve: RunningPve, rules: readonly FaultRule[], seed = 1): Promise<void> {
  const { status, body } = await callFaults(pve, "PUT", { seed, rules });
  if (status !== 200) throw new Error(`faults: ${status} ${JSON.stringify(body)}`);
}

/** How many events each rule was about and how many met it. */
export async function countFaults(pve: RunningPve): Promise<readonly (readonly [number, number])[]> {
  const { body } = await callFaults(pve, "GET");
  return (body.rules ?? []).map(({ matched, applied }) => [matched, applied] as const);
}
