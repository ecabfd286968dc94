import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificate } from "../../../embedded/pve/http/create-certificate.ts";
import type { PveStorage } from "../../../embedded/pve/state/storage.ts";
import { type Answer, runTask, waitForTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";
import { openWebFiles, qcow2Header, sha256, type WebFiles } from "./web-files.ts";

let lab: Lab;
let web: WebFiles;
const gibibyte = 1024 ** 3;
const image = Buffer.concat([qcow2Header(3 * gibibyte), Buffer.alloc(65_536)]);

const storages: readonly PveStorage[] = [
  { name: "local", style: "dir", content: ["iso", "import"], shared: false, totalBytes: 1024 ** 2 },
  { name: "images", style: "dir", content: ["images"], shared: false, totalBytes: 100 * gibibyte },
  { name: "local-lvm", style: "lvmthin", content: ["images"], shared: false, totalBytes: 1e12 },
];

beforeAll(async () => {
  web = await openWebFiles((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/missing.iso") response.writeHead(404).end();
    else if (pathname === "/moved.iso") response.writeHead(302, { location: "/image.iso" }).end();
    else if (pathname === "/away.iso") response.writeHead(302, { location: "http://192.0.2.1/x.iso" }).end();
    else if (pathname === "/cut.iso")
      response.writeHead(200, { "content-length": 1000 }).end("short", () => request.destroy());
    else if (pathname === "/huge.iso") response.end(Buffer.alloc(2 * 1024 ** 2));
    else if (pathname === "/slow.iso") response.writeHead(200, { "content-length": 1000 }).write("begin");
    else if (pathname === "/named")
      response.writeHead(200, { "content-disposition": 'attachment; filename="real.iso"' }).end();
    else
      response
        .writeHead(200, { "content-type": "application/octet-stream; x=y", "content-length": image.length })
        .end(image);
  });
  lab = await startLab({
    storages,
    tokens: [{ id: adminToken }, { id: "reader@pve!key", role: "PVEDatastoreAdmin" }],
  });
});
afterAll(async () => {
  await lab.pve.stop();
  await web.stop();
});

function download(name: string, params: Readonly<Record<string, string | number>> = {}): Promise<Answer> {
  return lab.admin("POST", "/nodes/pve1/storage/local/download-url", {
    params: { content: "iso", filename: name, url: `${web.url}/${name}`, ...params },
  });
}

async function outcome(
  name: string,
  params: Readonly<Record<string, string | number>> = {},
): Promise<string> {
  const answer = await download(name, params);
  return answer.status === 200 ? waitForTask(lab.admin, answer.data) : `${answer.status} ${answer.reason}`;
}

async function volids(): Promise<readonly unknown[]> {
  const { data } = await lab.admin("GET", "/nodes/pve1/storage/local/content");
  return (data as { volid: string }[]).map(({ volid }) => volid);
}

const right = { "checksum-algorithm": "sha256", checksum: sha256(image) };
const wrong = { "checksum-algorithm": "sha256", checksum: "0".repeat(64) };

describe("a download by the server", () => {
  test("fetches the file in a task that has the file's name", async () => {
    const answer = await download("image.iso", right);
    expect(answer.data).toMatch(/:download:image\.iso:terraform@pve!provider:$/);
    expect(await waitForTask(lab.admin, answer.data)).toBe("OK");
    const { data } = await lab.admin("GET", "/nodes/pve1/storage/local/content/local:iso/image.iso");
    expect(data).toMatchObject({
      size: image.length,
      format: "iso",
      path: "/var/lib/vz/template/iso/image.iso",
    });
  });

  test("leaves a file alone that is there already, and fails unless it is the right one", async () => {
    await outcome("there.iso");
    expect(await outcome("there.iso", right)).toBe("OK");
    expect(await outcome("there.iso", wrong)).toBe(
      `checksum mismatch: got '${right.checksum}' != expect '${wrong.checksum}', aborting`,
    );
    expect(await outcome("there.iso")).toBe(
      "refusing to override existing file '/var/lib/vz/template/iso/there.iso'",
    );
  });

  test.each([
    [
      "a wrong checksum",
      "image2.iso",
      wrong,
      `checksum mismatch: got '${right.checksum}' != expect '${wrong.checksum}'`,
    ],
    ["a missing file", "missing.iso", {}, "download failed: exit code 8"],
    ["a file that breaks off", "cut.iso", {}, "download failed: exit code 4"],
    [
      "a file that has no room",
      "huge.iso",
      {},
      "download failed: Cannot write to '/var/lib/vz/template/iso/huge.iso' (No space left on device).",
    ],
    [
      "a server that nobody runs",
      "image3.iso",
      { url: "http://127.0.0.1:1/image3.iso" },
      "download failed: Connecting to 127.0.0.1:1... failed: Connection refused.",
    ],
    [
      "another host",
      "image4.iso",
      { url: "http://192.0.2.1/image4.iso" },
      "download failed: the embedded server downloads from this host only, not from 192.0.2.1",
    ],
    [
      "a server that sends it to another host",
      "away.iso",
      {},
      "download failed: the embedded server downloads from this host only, not from 192.0.2.1",
    ],
  ])("of %s fails in the task and leaves nothing", async (_, name, params, expected) => {
    expect(await outcome(name, params)).toBe(expected);
    expect(await volids()).not.toContain(`local:iso/${name}`);
  });

  test("follows the web server to another place on this host", async () => {
    expect(await outcome("moved.iso")).toBe("OK");
  });

  test("ends when its task is stopped", async () => {
    const { data } = await download("slow.iso");
    await lab.admin("DELETE", `/nodes/pve1/tasks/${encodeURIComponent(String(data))}`);
    expect(await waitForTask(lab.admin, data)).toBe("interrupted by signal");
    expect(await volids()).not.toContain("local:iso/slow.iso");
  });

  test("trusts a certificate only when it need not or is told to", async () => {
    const { certPem: cert, keyPem: key } = await createCertificate();
    const server = createServer({ cert, key }, (_request, response) => response.end("x"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `https://127.0.0.1:${port}/tls.iso`;
    expect(await outcome("tls.iso", { url })).toBe(
      "download failed: To connect to 127.0.0.1 insecurely, use `--no-check-certificate'.",
    );
    expect(await outcome("tls.iso", { url, "verify-certificates": 0 })).toBe("OK");
    server.close();
  });

  test.each([
    ["x.txt", {}, "wrong file extension", "filename"],
    ["x.iso", { compression: "zst" }, "decompression not supported for iso", "compression"],
    ["x.iso", { checksum: "00" }, "missing property required by 'checksum'", "checksum-algorithm"],
  ])("of %s with %j is refused at once", async (name, params, message, parameter) => {
    const { status, body } = await download(name, params);
    expect([status, body]).toMatchObject([400, { errors: { [parameter]: message } }]);
  });

  test("goes to storages with files only, and needs access to the network", async () => {
    const params = { content: "iso", filename: "x.iso", url: `${web.url}/x.iso` };
    const thin = await lab.admin("POST", "/nodes/pve1/storage/local-lvm/download-url", { params });
    expect(thin.reason).toBe("can't upload to storage type 'lvmthin', not a file based storage!");
    const other = await lab.admin("POST", "/nodes/pve1/storage/images/download-url", { params });
    expect(other.reason).toBe("storage 'images' is not configured for content-type 'iso'");
    const reader = lab.as("reader@pve!key");
    expect((await reader("POST", "/nodes/pve1/storage/local/download-url", { params })).status).toBe(403);
  });
});

describe("asking about a URL", () => {
  const query = (path: string) =>
    lab.admin("GET", "/nodes/pve1/query-url-metadata", { params: { url: `${web.url}${path}` } });

  test("tells name, size and type as the web server has them", async () => {
    expect((await query("/image.iso?x=1")).data).toEqual({
      filename: "image.iso",
      size: image.length,
      mimetype: "application/octet-stream",
    });
    expect((await query("/named")).data).toMatchObject({ filename: "real.iso" });
  });

  test("repeats the web server's refusal", async () => {
    expect(await query("/missing.iso")).toMatchObject({
      status: 500,
      reason: "invalid server response: '404 Not Found'",
    });
  });
});

describe("an image that was brought in", () => {
  test("becomes a disk of the size that its machine sees, and takes the space of its contents", async () => {
    expect(await outcome("nixos.qcow2", { content: "import" })).toBe("OK");
    const { data: shown } = await lab.admin(
      "GET",
      "/nodes/pve1/storage/local/content/local:import/nixos.qcow2",
    );
    expect(shown).toMatchObject({ format: "qcow2", size: 3 * gibibyte, used: image.length });
    const params = { vmid: 300, scsi0: "images:0,import-from=local:import/nixos.qcow2,discard=on" };
    expect(await runTask(lab.admin, "POST", "/nodes/pve1/qemu", params)).toBe("OK");
    expect((await lab.config(300))["scsi0"]).toBe("images:300/vm-300-disk-0.qcow2,discard=on,size=3G");
    const { data } = await lab.admin("GET", "/nodes/pve1/storage/images/status");
    expect(data).toMatchObject({ used: image.length, total: 100 * gibibyte });
  });
});
