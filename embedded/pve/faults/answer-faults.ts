import type { IncomingMessage } from "node:http";
import { requirePrivileges } from "../access/permissions.ts";
import { refusal } from "../http/api-error.ts";
import { authenticate } from "../http/authenticate.ts";
import { readBody } from "../http/read-request.ts";
import type { Cluster } from "../state/cluster.ts";
import { parseFaultRequest, setFaults, showFaults } from "./set-faults.ts";

async function readJson(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await readBody(request));
  } catch (error) {
    if (error instanceof SyntaxError) throw refusal(400, "the body is no JSON");
    throw error;
  }
}

/** GET shows the faults, PUT replaces them all, DELETE ends them all. */
const methods: Readonly<
  Record<string, (cluster: Cluster, request: IncomingMessage) => Promise<void> | void>
> = {
  GET: () => undefined,
  PUT: async (cluster, request) => setFaults(cluster, parseFaultRequest(await readJson(request))),
  DELETE: (cluster) => setFaults(cluster, { seed: 0, rules: [] }),
};

/**
 * Answers a request for `/embedded/faults` with the faults that are in force then.
 *
 * @throws ApiError 401 and 403 for callers who may not modify the cluster, 400 with every problem of the rules.
 */
export async function answerFaults(cluster: Cluster, request: IncomingMessage): Promise<unknown> {
  const act = methods[request.method ?? ""];
  if (act === undefined) throw refusal(501, `method '${request.method}' not available`);
  const caller = await authenticate(cluster, request);
  requirePrivileges(cluster, caller, "/", ["Sys.Modify"]);
  await act(cluster, request);
  return showFaults(cluster);
}
