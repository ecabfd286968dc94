import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createCertificate } from "../../embedded/pve/http/create-certificate.ts";

/** What a build from the installer is told of its image. */
export interface InstallerImage {
  readonly url: string;
  readonly sha256: string;
}

const image = Buffer.alloc(64 * 1024, "installer");

/** Serves an installer's image over https; who trusts `caFile` trusts this server from now on. */
export async function serveInstallerImage(caFile: string): Promise<InstallerImage> {
  const { caPem, certPem, keyPem } = await createCertificate();
  appendFileSync(caFile, `\n${caPem}`);
  const server = createServer({ cert: certPem, key: keyPem }, (_request, response) => {
    response.setHeader("content-length", image.length);
    response.end(image);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/nixos-minimal-26.05.1234.abcdef-x86_64-linux.iso`,
    sha256: createHash("sha256").update(image).digest("hex"),
  };
}
