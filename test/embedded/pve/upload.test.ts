import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { pipeline } from "node:stream/promises";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PveStorage } from "../../../embedded/pve/state/storage.ts";
import { type Answer, waitForTask } from "./api-client.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";
import { sha256 } from "./web-files.ts";

let lab: Lab;
const mebibyte = 1024 ** 2;

const storages: readonly PveStorage[] = [
  { name: "local", style: "dir", content: ["iso", "import"], shared: false, totalBytes: 8 * mebibyte },
  { name: "nas", style: "dir", content: ["iso"], shared: true, totalBytes: 1024 * mebibyte },
  { name: "local-lvm", style: "lvmthin", content: ["images"], shared: false, totalBytes: 1e12 },
];

beforeAll(async () => {
  lab = await startLab({
    storages,
    tokens: [{ id: adminToken }, { id: "reader@pve!key", role: "PVEAuditor" }],
  });
});
afterAll(() => lab.pve.stop());

interface UploadOptions {
  readonly storage?: string;
  readonly node?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly content?: Buffer;
}

function upload(options: UploadOptions = {}): Promise<Answer> {
  const {
    storage = "local",
    node = "pve1",
    params = {},
    name = "x.iso",
    content = Buffer.from("iso"),
  } = options;
  return lab.admin("POST", `/nodes/${node}/storage/${storage}/upload`, {
    params: { content: "iso", ...params },
    file: { name, content },
  });
}

async function outcome(options: UploadOptions): Promise<string> {
  const answer = await upload(options);
  return answer.status === 200 ? waitForTask(lab.admin, answer.data) : `${answer.status} ${answer.reason}`;
}

async function files(storage = "local", node = "pve1"): Promise<readonly Record<string, unknown>[]> {
  const { data } = await lab.admin("GET", `/nodes/${node}/storage/${storage}/content`);
  return data as Record<string, unknown>[];
}

describe("an upload", () => {
  test("becomes a volume of its size through a task without an id", async () => {
    const answer = await upload({ name: "installer.iso", content: Buffer.alloc(3 * mebibyte) });
    expect(answer.data).toMatch(/^UPID:pve1:\w+:\w+:\w+:imgcopy::terraform@pve!provider:$/);
    expect(await waitForTask(lab.admin, answer.data)).toBe("OK");
    expect(await files()).toContainEqual(
      expect.objectContaining({
        volid: "local:iso/installer.iso",
        content: "iso",
        format: "iso",
        size: 3 * mebibyte,
      }),
    );
    const { data: log } = await lab.admin(
      "GET",
      `/nodes/pve1/tasks/${encodeURIComponent(String(answer.data))}/log`,
    );
    expect((log as { t: string }[]).map(({ t }) => t)).toEqual([
      expect.stringMatching(/^starting file import from: \/var\/tmp\/pveupload-[0-9a-f]{32}$/),
      "target node: pve1",
      "target file: /var/lib/vz/template/iso/installer.iso",
      `file size is: ${3 * mebibyte}`,
      expect.stringMatching(
        /^command: cp -- \/var\/tmp\/pveupload-\w+ \/var\/lib\/vz\/template\/iso\/installer\.iso$/,
      ),
      "finished file import successfully",
      "TASK OK",
    ]);
    await lab.admin("DELETE", "/nodes/pve1/storage/local/content/local:iso/installer.iso");
  });

  test("replaces a file of its name without a word", async () => {
    expect(await outcome({ name: "same.iso", content: Buffer.from("first") })).toBe("OK");
    expect(await outcome({ name: "same.iso", content: Buffer.from("second!") })).toBe("OK");
    const same = (await files()).filter(({ volid }) => volid === "local:iso/same.iso");
    expect(same).toMatchObject([{ size: 7 }]);
  });

  test("is on its own node only, unless the storage is shared", async () => {
    await outcome({ name: "here.iso" });
    await outcome({ name: "everywhere.iso", storage: "nas" });
    const seen = async (storage: string) => (await files(storage, "pve2")).map(({ volid }) => volid);
    expect(await seen("local")).toEqual([]);
    expect(await seen("nas")).toEqual(["nas:iso/everywhere.iso"]);
  });

  test("has a name without folders and blanks", async () => {
    expect(await outcome({ name: "a b/../ c d.iso" })).toBe("OK");
    expect((await files()).map(({ volid }) => volid)).toContain("local:iso/_c_d.iso");
  });

  test("is compared with the checksum that came along", async () => {
    const content = Buffer.from("bytes");
    const digest = sha256(content);
    const params = { "checksum-algorithm": "sha256", checksum: digest.toUpperCase() };
    expect(await outcome({ name: "good.iso", content, params })).toBe("OK");
    const wrong = "0".repeat(64);
    expect(await outcome({ name: "bad.iso", content, params: { ...params, checksum: wrong } })).toBe(
      `checksum mismatch: got '${digest}' != expect '${wrong}'`,
    );
    expect((await files()).map(({ volid }) => volid)).not.toContain("local:iso/bad.iso");
  });

  test.each([
    ["a storage that does not exist", { storage: "nowhere" }, "500 storage 'nowhere' does not exist"],
    ["a storage without files", { storage: "local-lvm" }, "500 can't upload to storage type 'lvmthin'"],
    ["a node that does not exist", { node: "pve9" }, "500 no such cluster node 'pve9'"],
    ["a name that is no image's", { name: "x.txt" }, "400 Parameter verification failed."],
    [
      "a kind that the API does not take",
      { params: { content: "snippets" } },
      "400 Parameter verification failed.",
    ],
    [
      "a kind that the storage does not take",
      { storage: "nas", name: "x.qcow2", params: { content: "import" } },
      "500 storage 'nas' does not support 'import' content",
    ],
    [
      "more than there is room for",
      { name: "big.iso", content: Buffer.alloc(9 * mebibyte) },
      "import failed: cp: error writing '/var/lib/vz/template/iso/big.iso': No space left on device",
    ],
  ])("to %s is refused after all of it was sent", async (_, options, expected) => {
    expect(await outcome(options)).toBe(expected);
  });

  test("names the parameter that is wrong", async () => {
    const { body } = await upload({ name: "x.txt" });
    expect(body).toMatchObject({ errors: { filename: "wrong file extension" } });
    const other = await upload({ name: "a b!.img", params: { content: "import" } });
    expect(other.body).toMatchObject({ errors: { filename: "invalid filename or wrong extension" } });
  });

  test("needs the privilege to bring templates", async () => {
    const answer = await lab.as("reader@pve!key")("POST", "/nodes/pve1/storage/local/upload", {
      params: { content: "iso" },
      file: { name: "x.iso", content: Buffer.from("x") },
    });
    expect(answer).toMatchObject({
      status: 403,
      reason: "Permission check failed (/storage/local, Datastore.AllocateTemplate)",
    });
  });

  test("that is no form, or not all of one, is refused and leaves nothing", async () => {
    const before = await files();
    const cut = await lab.admin("POST", "/nodes/pve1/storage/local/upload", {
      params: { content: "iso" },
      headers: { "content-type": "multipart/form-data" },
    });
    expect(cut.status).toBe(400);
    const { port } = new URL(lab.pve.endpoint);
    const socket = connect({ port: Number(port), host: "127.0.0.1", ca: lab.pve.caPem });
    const head = [
      "POST /api2/json/nodes/pve1/storage/local/upload HTTP/1.1",
      "Host: x",
      `Authorization: PVEAPIToken=${lab.pve.tokens[adminToken]}`,
      "Content-Type: multipart/form-data; boundary=b",
      "Content-Length: 100000",
    ];
    const part = '--b\r\nContent-Disposition: form-data; name="filename"; filename="half.iso"\r\n\r\nhalf';
    socket.write(`${head.join("\r\n")}\r\n\r\n${part}`);
    socket.resume().end();
    await once(socket, "close");
    expect((await lab.admin("GET", "/version")).status).toBe(200);
    expect(await files()).toEqual(before);
  });

  test("does not stay in memory", async () => {
    const chunk = Buffer.alloc(mebibyte);
    const count = 256;
    const head = '--b\r\nContent-Disposition: form-data; name="content"\r\n\r\niso\r\n--b\r\n';
    const part = 'Content-Disposition: form-data; name="filename"; filename="large.iso"\r\n\r\n';
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const outgoing = request(new URL("api2/json/nodes/pve1/storage/nas/upload", lab.pve.endpoint), {
      method: "POST",
      ca: lab.pve.caPem,
      headers: {
        authorization: `PVEAPIToken=${lab.pve.tokens[adminToken]}`,
        "content-type": "multipart/form-data; boundary=b",
      },
    });
    const answered = once(outgoing, "response");
    async function* form() {
      yield head + part;
      for (let sent = 0; sent < count; sent += 1) {
        most = Math.max(most, process.memoryUsage().arrayBuffers);
        yield chunk;
      }
      yield "\r\n--b--\r\n";
    }
    await pipeline(form, outgoing);
    const [answer] = (await answered) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
    expect(most - before).toBeLessThan((count * mebibyte) / 2);
  });
});
