import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { StreamedBody } from "../../api/transport.ts";

/** The multipart body that uploads a local file under a name; the file is read while it is sent. */
export async function uploadBody(path: string, content: string, name: string): Promise<StreamedBody> {
  const boundary = randomBytes(30).toString("hex");
  const quoted = name.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  const head = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="content"',
    "",
    content,
    `--${boundary}`,
    `Content-Disposition: form-data; name="filename"; filename="${quoted}"`,
    "Content-Type: application/octet-stream",
    "",
    "",
  ].join("\r\n");
  const tail = `\r\n--${boundary}--\r\n`;
  const { size } = await stat(path);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    lengthBytes: Buffer.byteLength(head) + size + Buffer.byteLength(tail),
    open: () => Readable.from(parts(head, path, tail), { objectMode: false }),
  };
}

async function* parts(head: string, path: string, tail: string): AsyncGenerator<string | Buffer> {
  yield head;
  for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  yield tail;
}
