import type { Caller } from "../access/caller.ts";
import type { Parameters } from "../check/check-parameters.ts";
import type { Cluster } from "../state/cluster.ts";
import type { FileContent } from "../state/file-content.ts";

/** A request whose caller is known and whose parameters are checked. */
export interface Call {
  readonly cluster: Cluster;
  readonly caller: Caller;
  readonly parameters: Parameters;
  /** The file that an upload brought. */
  readonly file?: FileContent;
}

/** Answers a call with the `data` of the response, or with a PlainAnswer. */
export type Endpoint = (call: Call) => unknown;

/** `"GET /nodes/{node}/qemu"` to the function that answers it. */
export type EndpointTable = Readonly<Record<string, Endpoint>>;

/** A required text parameter; the schema check has made sure that it is there. */
export function text(call: Call, name: string): string {
  return String(call.parameters[name] ?? "");
}

/** A text parameter, undefined when it was not sent. */
export function optionalText(call: Call, name: string): string | undefined {
  const value = call.parameters[name];
  return value === undefined ? undefined : String(value);
}

/** A required integer parameter. */
export function integer(call: Call, name: string): number {
  return Number(call.parameters[name]);
}

/** True when a boolean parameter was sent and is set. */
export function flag(call: Call, name: string): boolean {
  return call.parameters[name] === 1;
}
