import { readFileSync } from "node:fs";
import { request } from "node:https";
import { NixherdError } from "../lib/errors.ts";
import { embeddedFiles } from "./embedded-files.ts";
import { notRunning } from "./embedded-status.ts";
import { readProcessRecord } from "./process-record.ts";
import { faultsPath } from "./pve/faults/faults-path.ts";

/** One rule as the running cluster tells it. */
export interface FaultReport {
  readonly fault: string;
  /** Events that it was about. */
  readonly matched: number;
  /** Events that met it. */
  readonly applied: number;
  /** False when its time is over. */
  readonly active: boolean;
  readonly [key: string]: unknown;
}

/** The faults of a running embedded cluster. */
export interface FaultsReport {
  readonly seed: number;
  readonly rules: readonly FaultReport[];
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

const timeoutMs = 10_000;

/** A bare request, which no proxy comes between. Of all faults only `tls-drop` can meet it. */
function send(
  environment: Readonly<Record<string, string>>,
  method: string,
  text: string | undefined,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const url = new URL(faultsPath, environment["PROXMOX_VE_ENDPOINT"]);
  const options = {
    method,
    ca: readFileSync(environment["SSL_CERT_FILE"] ?? ""),
    headers: { authorization: `PVEAPIToken=${environment["PROXMOX_VE_API_TOKEN"]}` },
    signal: AbortSignal.timeout(timeoutMs),
  };
  const outgoing = request(url, options, (answer) => {
    let body = "";
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    answer.on("error", reject);
    answer.on("end", () =>
      resolve({ status: answer.statusCode ?? 0, reason: answer.statusMessage ?? "", body }),
    );
  });
  outgoing.on("error", reject);
  outgoing.end(text);
  return promise;
}

function refused({ status, reason, body }: Answer): NixherdError {
  const { errors = {} }: { errors?: Readonly<Record<string, string>> } = body === "" ? {} : JSON.parse(body);
  const lines = Object.entries(errors).map(([pointer, text]) => `\n  ${pointer}: ${text}`);
  return new NixherdError("EMBEDDED_FAULTS_INVALID", {
    message: `The embedded cluster refused the faults (${status} ${reason}).${lines.join("")}`,
    hint: "Correct the rules; docs/embedded.md lists what each kind takes. The faults in force are unchanged.",
  });
}

/**
 * Shows the faults of a repository's embedded cluster, replaces them all (PUT) or ends them all (DELETE).
 *
 * @throws EMBEDDED_NOT_RUNNING, EMBEDDED_FAULTS_INVALID with every problem of the rules.
 */
export async function callFaults(
  root: string,
  method: "GET" | "PUT" | "DELETE",
  text?: string,
): Promise<FaultsReport> {
  const environment = readProcessRecord(embeddedFiles(root))?.environment;
  if (environment === undefined) throw notRunning();
  const answer = await send(environment, method, text);
  if (answer.status !== 200) throw refused(answer);
  return JSON.parse(answer.body);
}
