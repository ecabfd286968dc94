import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A web server on this host for one test file. */
export interface WebFiles {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a web server that answers as `listener` does. */
export async function openWebFiles(listener: RequestListener): Promise<WebFiles> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The first bytes of a qcow2 image whose machine sees a disk of that size. */
export function qcow2Header(virtualSizeBytes: number): Buffer {
  const header = Buffer.alloc(512);
  header.write("QFI\xfb", "latin1");
  header.writeUInt32BE(3, 4);
  header.writeBigUInt64BE(BigInt(virtualSizeBytes), 24);
  return header;
}
