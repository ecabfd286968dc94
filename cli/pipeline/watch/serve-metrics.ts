import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { NixherdError } from "../../../lib/errors.ts";

interface Answers {
  /** The text of /metrics. */
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  /** Whether the first synthesis has ended. */
  readonly isReady: () => boolean;
}

/**
 * Serves /metrics, /healthz and /readyz on 127.0.0.1 until it is closed.
 * @throws USAGE when the port cannot be used
 */
export async function serveMetrics(
  port: number,
  answers: Answers,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request.url ?? "", response, answers).catch((error: unknown) => response.destroy(asError(error)));
  });
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    throw new NixherdError("USAGE", {
      message: `Port ${port} for the watcher's metrics cannot be used: ${asError(cause).message}`,
      hint: "Give watch.metricsPort in vm-specs/_site.json a free port.",
      cause,
    });
  }
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(url: string, response: ServerResponse, answers: Answers): Promise<void> {
  const end = (status: number, text: string, contentType = "text/plain; charset=utf-8"): void => {
    response.writeHead(status, { "Content-Type": contentType, "Cache-Control": "no-store" }).end(text);
  };
  const [path] = url.split("?");
  if (path === "/metrics") end(200, await answers.metrics(), answers.contentType);
  else if (path === "/healthz") end(200, "ok\n");
  else if (path === "/readyz") end(answers.isReady() ? 200 : 503, answers.isReady() ? "ok\n" : "not yet\n");
  else end(404, "not found\n");
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
