import { isDeepStrictEqual } from "node:util";
import { type Answer, type ApiClient, createClient, waitForTask } from "../api-client.ts";
import { normalizeBody } from "./normalize-body.ts";
import { type Exchange, recordedBody } from "./recording.ts";
import type { Stage } from "./stage.ts";

/** A recorded answer beside ours, normalised. */
export interface Comparison {
  readonly name: string;
  readonly isEqual: boolean;
  readonly recorded: unknown;
  readonly ours: unknown;
}

const limitedCaller = /^5(?:02|03|04|05|06|07|1[1-9])-/;

/** Who made a request of the recording. */
function clientFor(stage: Stage, { name }: Exchange): ApiClient {
  if (name === "212-unauth") return createClient(stage.pve, undefined);
  if (name === "213-bad-token")
    return createClient(stage.pve, `terraform@pve!provider=${"0".repeat(8)}-0000-0000-0000-000000000000`);
  if (name.endsWith("-roottoken")) return createClient(stage.pve, stage.pve.tokens["root@pam!root"]);
  return limitedCaller.test(name) ? createClient(stage.pve, stage.limitedToken) : stage.admin;
}

/** Our path for a recorded one: its UPID becomes the one that our server gave out. */
function ownPath(stage: Stage, path: string): string {
  return path.replace(/UPID[^/]+/, (encoded) => {
    const recorded = decodeURIComponent(encoded);
    return encodeURIComponent(stage.upids.get(recorded) ?? recorded);
  });
}

function rememberIds(stage: Stage, exchange: Exchange, { data }: Answer): void {
  const recorded = (exchange.body as { data?: unknown } | undefined)?.data;
  if (typeof recorded === "string" && recorded.startsWith("UPID:")) stage.upids.set(recorded, String(data));
  if (exchange.name === "501-token-create") {
    const { "full-tokenid": id, value } = data as Record<string, string>;
    stage.limitedToken = `${id}=${value}`;
  }
}

/** The recorded parameters; a URL of the recorded server itself becomes one of ours. */
function ownParams({ pve }: Stage, { params }: Exchange): Exchange["params"] {
  const url = params?.["url"];
  if (typeof url !== "string") return params;
  return { ...params, url: url.replace("https://127.0.0.1:8006/", pve.endpoint) };
}

/** Sends a recorded request to our server and compares status, reason, parameter errors and body. */
export async function playExchange(stage: Stage, exchange: Exchange): Promise<Comparison> {
  const { name, method, status, reason = "OK" } = exchange;
  const path = ownPath(stage, exchange.path);
  const [, upid] = /\/tasks\/([^/]+)\/status$/.exec(path) ?? [];
  if (upid !== undefined && name.endsWith("-status-done") && upid.startsWith("UPID")) {
    await waitForTask(stage.admin, decodeURIComponent(upid));
  }
  const answer = await clientFor(stage, exchange)(method, path, {
    params: ownParams(stage, exchange),
    isJson: name === "851-json-body",
  });
  rememberIds(stage, exchange, answer);
  const recorded = { status, reason: normalizeBody(reason), body: normalizeBody(recordedBody(exchange)) };
  const ours = {
    status: answer.status,
    reason: normalizeBody(answer.reason),
    body: normalizeBody(answer.body),
  };
  return { name, isEqual: isDeepStrictEqual(recorded, ours), recorded, ours };
}
