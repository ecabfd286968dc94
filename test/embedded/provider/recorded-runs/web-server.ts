import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A web server with a step's files. */
export interface WebServer {
  /** "http://127.0.0.1:<port>/" */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** Serves files of zeros: of the recorded ones only the sizes are known. */
export async function startWebServer(files: Readonly<Record<string, number>>): Promise<WebServer> {
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    const size = files[name];
    if (size === undefined) {
      response.writeHead(404, "File not found").end();
      return;
    }
    const type = name.endsWith(".iso") ? "application/x-iso9660-image" : "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Length": size });
    response.end(request.method === "HEAD" ? undefined : Buffer.alloc(size));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve());
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
