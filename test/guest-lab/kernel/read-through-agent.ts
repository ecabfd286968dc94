import type { Ask } from "./agent-channel.ts";

/** What PVE's own client does for the agent's `file-read`: opens, reads and closes, up to 16 MiB. */
export async function readThroughAgent(ask: Ask, file: string): Promise<unknown> {
  const handle = await ask("file-open", { path: file });
  const chunks: Buffer[] = [];
  try {
    let isAtEnd = false;
    while (!isAtEnd && chunks.length < 16) {
      const part = (await ask("file-read", { handle, count: 1_048_576 })) as {
        readonly "buf-b64": string;
        readonly eof: boolean;
      };
      chunks.push(Buffer.from(part["buf-b64"], "base64"));
      isAtEnd = part.eof;
    }
  } finally {
    await ask("file-close", { handle });
  }
  const content = Buffer.concat(chunks);
  return { content: content.toString("latin1"), "bytes-read": content.length };
}
