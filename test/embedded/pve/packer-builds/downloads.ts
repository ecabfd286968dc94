import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { installerBytes } from "./stage.ts";

/** A web server that has the installer image under every name. */
export interface Downloads {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  stop(): Promise<void>;
}

/** Starts the web server. */
export async function openDownloads(): Promise<Downloads> {
  const server = createServer((_request, response) => response.end(installerBytes));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
