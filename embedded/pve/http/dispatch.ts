import type { Caller } from "../access/caller.ts";
import { checkMethodPermission } from "../access/permissions.ts";
import { checkParameters, type Parameters } from "../check/check-parameters.ts";
import { apiSchema, type MethodSchema } from "../check/schema.ts";
import { endpoints } from "../endpoints/endpoints.ts";
import type { Cluster } from "../state/cluster.ts";
import { ApiError, badParameters, failure, refusal } from "./api-error.ts";
import { matchPath } from "./match-path.ts";
import type { ApiRequest } from "./read-request.ts";

const methods = new Set(["GET", "POST", "PUT", "DELETE"]);

/** Path values and sent parameters in one; one that says something else than the path is an error. */
function joinParameters(
  fromPath: Readonly<Record<string, string>>,
  sent: Readonly<Record<string, string>>,
): Record<string, string> {
  const conflicts = Object.keys(sent).filter(
    (name) => fromPath[name] !== undefined && fromPath[name] !== sent[name],
  );
  if (conflicts.length > 0) {
    const text = "duplicate parameter (already defined in URI) with conflicting values!";
    throw badParameters(Object.fromEntries(conflicts.map((name) => [name, text])));
  }
  return { ...sent, ...fromPath };
}

function checkNode(cluster: Cluster, schema: MethodSchema, node: string | undefined): void {
  if (schema.proxyTo !== "node" || node === undefined || node === "localhost") return;
  if (cluster.downNodes.has(node)) throw refusal(595, "No route to host");
  if (cluster.nodes.has(node)) return;
  throw failure(
    `hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`,
  );
}

/** `localhost` as node means the one that answers: the first. */
function resolveNode(cluster: Cluster, parameters: Parameters): Parameters {
  return parameters["node"] === "localhost"
    ? { ...parameters, node: [...cluster.nodes.keys()][0] ?? "" }
    : parameters;
}

/**
 * Refuses methods that Proxmox VE does not know, whoever asks.
 *
 * @throws ApiError 501
 */
export function checkMethodExists({ method }: ApiRequest): void {
  if (!methods.has(method)) throw refusal(501, `method '${method}' not available`);
}

/**
 * Answers one authenticated request: finds the endpoint, checks permission, node and parameters, runs the endpoint.
 *
 * @throws ApiError in the order in which the real server finds the faults.
 */
export async function dispatch(cluster: Cluster, caller: Caller, request: ApiRequest): Promise<unknown> {
  const { method, path } = request;
  const match = matchPath(request.segments);
  const schema = match === undefined ? undefined : apiSchema.get(match.template)?.get(method);
  const handler = match === undefined ? undefined : endpoints.get(`${method} ${match.template}`);
  if (match === undefined || schema === undefined || handler === undefined) {
    const missing = schema === undefined ? "not implemented" : "not implemented by the embedded server";
    throw new ApiError(501, `Method '${method} ${path}' ${missing}`);
  }
  const sent = joinParameters(match.values, request.parameters);
  checkMethodPermission(cluster, caller, schema, sent);
  checkNode(cluster, schema, match.values["node"]);
  const parameters = resolveNode(cluster, checkParameters(schema, sent));
  return handler({
    cluster,
    caller,
    parameters,
    ...(request.file === undefined ? {} : { file: request.file }),
  });
}
