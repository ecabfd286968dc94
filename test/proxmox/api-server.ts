import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { onTestFinished } from "vitest";
import type { ProxmoxAccess } from "../../proxmox/access.ts";

export const goodToken = "ops@pve!ci=0f8fad5b-d9cb-469f-a165-70867728950e";

/** One answer: data, or a failure with the reason phrase of the real server. */
type ApiAnswer =
  | { readonly data: unknown }
  | { readonly status: number; readonly reason: string; readonly body?: string };

/** Answers by path and query, such as "nodes" or "cluster/nextid?vmid=101"; undefined never answers. */
export type ApiAnswers = (path: string) => ApiAnswer | undefined;

export interface ApiServer {
  /** Access with the good token that trusts the server. */
  readonly access: ProxmoxAccess;
  /** Paths in the order of their arrival. */
  readonly requests: string[];
}

/** A small HTTPS server in the manner of the Proxmox VE API, on loopback, stopped after the test. */
export async function startApi(answers: ApiAnswers, hostName = "127.0.0.1"): Promise<ApiServer> {
  const certificate = await certificateFor(hostName);
  const requests: string[] = [];
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (request, response) => {
    const path = (request.url ?? "").replace("/api2/json/", "");
    requests.push(path);
    answer(request, response, answers(path));
  });
  await listen(server);
  const folder = await mkdtemp(join(tmpdir(), "nixherd-api-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, certificate.cert);
  const { port } = server.address() as AddressInfo;
  const access = { endpoint: `https://127.0.0.1:${port}`, token: goodToken, isInsecure: false, caFile };
  return { access, requests };
}

const certificates = new Map<string, ReturnType<typeof makeCertificate>>();

/** One certificate per name and test file: making a key takes most of a test's time. */
function certificateFor(hostName: string): ReturnType<typeof makeCertificate> {
  const made = certificates.get(hostName) ?? makeCertificate(hostName);
  certificates.set(hostName, made);
  return made;
}

async function makeCertificate(hostName: string) {
  const isAddress = /^[\d.]+$/.test(hostName);
  return generate([{ name: "commonName", value: hostName }], {
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [isAddress ? { type: 7, ip: hostName } : { type: 2, value: hostName }],
      },
    ],
  });
}

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

function answer(request: IncomingMessage, response: ServerResponse, answered: ApiAnswer | undefined): void {
  if (request.headers.authorization !== `PVEAPIToken=${goodToken}`) {
    response.writeHead(401, "Authentication failed!").end();
  } else if (answered !== undefined && "data" in answered) {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answered));
  } else if (answered !== undefined) {
    response.writeHead(answered.status, answered.reason).end(answered.body ?? '{"data":null}');
  }
}
