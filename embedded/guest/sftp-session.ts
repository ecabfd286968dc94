import { constants, type Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { join, resolve } from "node:path";
import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from "ssh2";
import { homeOf } from "./home-of.ts";

interface SftpOptions {
  readonly root: string;
  readonly user: string;
  readonly log: (line: string) => void;
}

/** Open files and folders of one session, by the number that the client knows them by. */
interface SftpSession extends SftpOptions {
  readonly files: Map<number, fs.FileHandle>;
  readonly folders: Map<number, FileEntry[]>;
  lastHandle: number;
}

/** What a request is answered with; a number is a status. */
type Reply =
  | number
  | { readonly handle: number }
  | { readonly data: Buffer }
  | { readonly attributes: Stats }
  | { readonly names: FileEntry[] };

const { STATUS_CODE: status, OPEN_MODE: openMode } = ssh2.utils.sftp;

/** Requests of SFTP version 3, by ssh2's names; links are neither made nor read. */
const operations: Readonly<Record<string, (session: SftpSession, ...words: never[]) => Promise<Reply>>> = {
  async OPEN(session, path: string, flags: number, { mode = 0o644 }: Partial<Attributes>) {
    const file = await fs.open(outside(session, path), openFlags(flags), mode);
    session.lastHandle += 1;
    session.files.set(session.lastHandle, file);
    return { handle: session.lastHandle };
  },
  async READ(session, handle: Buffer, offset: number, length: number) {
    const { buffer, bytesRead } = await fileOf(session, handle).read(
      Buffer.alloc(Math.min(length, largestRead)),
      0,
      Math.min(length, largestRead),
      offset,
    );
    return bytesRead === 0 ? status.EOF : { data: buffer.subarray(0, bytesRead) };
  },
  async WRITE(session, handle: Buffer, offset: number, data: Buffer) {
    await fileOf(session, handle).write(data, 0, data.length, offset);
    return status.OK;
  },
  async CLOSE(session, handle: Buffer) {
    const number = handle.readUInt32BE();
    await session.files.get(number)?.close();
    session.files.delete(number);
    session.folders.delete(number);
    return status.OK;
  },
  async OPENDIR(session, path: string) {
    const names = await listFolder(outside(session, path));
    session.lastHandle += 1;
    session.folders.set(session.lastHandle, names);
    return { handle: session.lastHandle };
  },
  async READDIR(session, handle: Buffer) {
    const names = session.folders.get(handle.readUInt32BE())?.splice(0, entriesAtOnce) ?? [];
    return names.length === 0 ? status.EOF : { names };
  },
  FSTAT: async (session, handle: Buffer) => ({ attributes: await fileOf(session, handle).stat() }),
  STAT: async (session, path: string) => ({ attributes: await fs.stat(outside(session, path)) }),
  LSTAT: async (session, path: string) => ({ attributes: await fs.lstat(outside(session, path)) }),
  SETSTAT: (session, path: string, attributes: Partial<Attributes>) =>
    changeMode(outside(session, path), attributes),
  async FSETSTAT(session, handle: Buffer, { mode }: Partial<Attributes>) {
    if (mode !== undefined) await fileOf(session, handle).chmod(mode & permissions);
    return status.OK;
  },
  MKDIR: async (session, path: string) => done(fs.mkdir(outside(session, path))),
  RMDIR: async (session, path: string) => done(fs.rmdir(outside(session, path))),
  REMOVE: async (session, path: string) => done(fs.unlink(outside(session, path))),
  RENAME: async (session, from: string, to: string) =>
    done(fs.rename(outside(session, from), outside(session, to))),
  async REALPATH({ user }, path: string) {
    const filename = resolve(homeOf(user), path);
    return { names: [{ filename, longname: filename, attrs: {} as Attributes }] };
  },
};

const largestRead = 256 * 1024;
const entriesAtOnce = 100;
const permissions = 0o7777;

/** Serves SFTP to one session: the files below the machine's `/`. As for its programs, `/tmp` is the host's. */
export function openSftp(sftp: SFTPWrapper, options: SftpOptions): void {
  const session: SftpSession = { ...options, files: new Map(), folders: new Map(), lastHandle: 0 };
  // One after the other, as sftp-server does: OpenSSH's client cuts a file short whose parts come in another order.
  let last: Promise<void> = Promise.resolve();
  for (const [name, run] of Object.entries(operations)) {
    sftp.on(name, (id: number, ...words: unknown[]) => {
      last = last.then(async () => {
        await run(session, ...(words as never[])).then(
          (reply) => send(sftp, id, reply),
          (error: NodeJS.ErrnoException) => sftp.status(id, statusOf(error), error.message),
        );
      });
    });
  }
  const close = (): void => {
    for (const file of session.files.values())
      file.close().catch((error: unknown) => options.log(`a file of sftp: ${String(error)}`));
    session.files.clear();
  };
  sftp.on("close", close).on("end", () => {
    close();
    sayDone(sftp);
    sftp.end();
  });
}

/** What ssh2 1.17 keeps to itself: the channel below SFTP. */
interface WithChannel {
  readonly _protocol: { exitStatus(channel: number, code: number): void };
  readonly outgoing: { readonly id: number };
}

/** As every server's, sftp's process ends with a code: without one, scp takes its copy for failed. */
function sayDone(sftp: SFTPWrapper): void {
  const { _protocol: protocol, outgoing } = sftp as unknown as WithChannel;
  protocol.exitStatus(outgoing.id, 0);
}

function send(sftp: SFTPWrapper, id: number, reply: Reply): void {
  if (typeof reply === "number") sftp.status(id, reply);
  else if ("data" in reply) sftp.data(id, reply.data);
  else if ("names" in reply) sftp.name(id, reply.names);
  else if ("attributes" in reply) sftp.attrs(id, attributesOf(reply.attributes));
  else {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(reply.handle);
    sftp.handle(id, handle);
  }
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === "ENOENT") return status.NO_SUCH_FILE;
  return code === "EACCES" || code === "EPERM" ? status.PERMISSION_DENIED : status.FAILURE;
}

/** A path of the machine as one of the host; relative ones begin in the user's home. */
function outside({ root, user }: SftpOptions, path: string): string {
  const inside = resolve(homeOf(user), path);
  return inside === "/tmp" || inside.startsWith("/tmp/") ? inside : join(root, inside);
}

/** Flags of SFTP as those of open(2). */
function openFlags(flags: number): number {
  const writes = (flags & openMode.WRITE) !== 0;
  const reads = (flags & openMode.READ) !== 0;
  const access = writes ? (reads ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
  const others = [
    [openMode.APPEND, constants.O_APPEND],
    [openMode.CREAT, constants.O_CREAT],
    [openMode.TRUNC, constants.O_TRUNC],
    [openMode.EXCL, constants.O_EXCL],
  ] as const;
  return others.reduce((all, [asked, flag]) => ((flags & asked) === 0 ? all : all | flag), access);
}

function fileOf({ files }: SftpSession, handle: Buffer): fs.FileHandle {
  const file = files.get(handle.readUInt32BE());
  if (file === undefined) throw new Error("This file is not open.");
  return file;
}

async function listFolder(folder: string): Promise<FileEntry[]> {
  const names = await fs.readdir(folder);
  return Promise.all(
    names.map(async (filename) => {
      const attrs = attributesOf(await fs.lstat(join(folder, filename)));
      return { filename, longname: filename, attrs };
    }),
  );
}

function attributesOf({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}

async function changeMode(path: string, { mode }: Partial<Attributes>): Promise<Reply> {
  await (mode === undefined ? fs.stat(path) : fs.chmod(path, mode & permissions));
  return status.OK;
}

async function done(work: Promise<void>): Promise<Reply> {
  await work;
  return status.OK;
}
