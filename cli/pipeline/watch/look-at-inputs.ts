import { spawnSync } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import {
  type BigIntStats,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { type Area, areaOf, everyStack } from "../../../reconcile/watch/area.ts";
import { isForeign } from "./watch-changes.ts";

/** What the files of an area were at a moment. */
export interface InputsLook {
  /** Equal as long as names, kinds, contents and rights to execute are. */
  readonly contents: string;
  /** Equal as long as nothing was written, not even the same again. */
  readonly identity: string;
  /** Nothing was written so shortly before that a further write could leave the identity as it is. */
  readonly isSettled: boolean;
}

/** Looks at the files of a repository that count for the watcher. */
export interface InputsReader {
  /** Undefined when it cannot be told: a file cannot be read, a folder is a link, there are very many files. */
  look(area: Area): InputsLook | undefined;
  /** Every area that there is; what was remembered of others is forgotten. */
  areas(): Area[];
}

/** Of larger files the time of the last change counts, not what is in them. */
const largestReadBytes = 1024n * 1024n;

const mostEntries = 20_000;

const mostListedBytes = 64 * 1024 * 1024;

/** Far more than the steps in which file systems count time. */
const settledAfterMs = 50;

/** A look that finds something of which it cannot tell whether it changed. */
class Unsure extends Error {}

/** Digests of files by path, with what the files were when they were read. */
type Digests = Map<string, { readonly identity: string; readonly digest: string }>;

interface Sums {
  readonly area: Area;
  readonly contents: Hash;
  readonly identity: Hash;
  readonly beganAtMs: number;
  readonly former: Digests;
  readonly digests: Digests;
  isSettled: boolean;
  entryCount: number;
}

/** Remembers the digests of files, so that only what was written since the last look is read again. */
export function createInputsReader(root: string): InputsReader {
  const remembered = new Map<Area, Digests>();

  function addEntry(sums: Sums, path: string): void {
    const stat = lstatSync(join(root, path), { bigint: true });
    sums.entryCount += 1;
    if (sums.entryCount > mostEntries) throw new Unsure();
    if (!stat.isDirectory()) {
      addFile(sums, path, stat);
      return;
    }
    sums.contents.update(`${path}/\0`);
    // It tells of files that came and went.
    addIdentity(sums, path, [stat]);
    addFolder(sums, path);
  }

  function addFolder(sums: Sums, folder: string): void {
    for (const name of readdirSync(join(root, folder)).toSorted()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (!isForeign(path) && areaOf(path) === sums.area) addEntry(sums, path);
    }
  }

  function addFile(sums: Sums, path: string, stat: BigIntStats): void {
    const link = stat.isSymbolicLink() ? readlinkSync(join(root, path)) : "";
    const target = link === "" ? stat : statSync(join(root, path), { bigint: true });
    const identity = addIdentity(sums, path, [stat, target]);
    const known = sums.former.get(path);
    const isKnown = known !== undefined && known.identity === identity;
    const digest = isKnown ? known.digest : readDigest(root, path, target);
    if (identity !== undefined) sums.digests.set(path, { identity, digest });
    sums.contents.update([path, link, target.mode & 0o111n, digest, ""].join("\0"));
  }

  function look(area: Area): InputsLook | undefined {
    const sums: Sums = {
      area,
      contents: createHash("sha256"),
      identity: createHash("sha256"),
      beganAtMs: Date.now(),
      former: remembered.get(area) ?? new Map(),
      digests: new Map(),
      isSettled: true,
      entryCount: 0,
    };
    remembered.delete(area);
    try {
      addEntry(sums, area === everyStack ? "" : `vm-specs/${area}`);
    } catch (error) {
      if (error instanceof Unsure || isSystemError(error)) return undefined;
      throw error;
    }
    remembered.set(area, sums.digests);
    const { contents, identity, isSettled } = sums;
    return { contents: contents.digest("hex"), identity: identity.digest("hex"), isSettled };
  }

  return {
    look,
    areas() {
      const areas = areasOf(root);
      for (const area of remembered.keys()) if (!areas.has(area)) remembered.delete(area);
      return [...areas];
    },
  };
}

function areasOf(root: string): Set<Area> {
  const folder = join(root, "vm-specs");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Set([everyStack, ...names.map((name) => areaOf(`vm-specs/${name}`))]);
}

/** Gives the identity, if whatever is written from now on gives another one. */
function addIdentity(sums: Sums, path: string, stats: readonly BigIntStats[]): string | undefined {
  const identity = stats.map(identityOf).join(" ");
  sums.identity.update(`${path}\0${identity}\0`);
  const isSettled = stats.every(({ ctimeMs }) => Number(ctimeMs) < sums.beganAtMs - settledAfterMs);
  sums.isSettled &&= isSettled;
  return isSettled ? identity : undefined;
}

function readDigest(root: string, path: string, stat: BigIntStats): string {
  // A link to a folder leads to files of which nobody is told.
  if (stat.isDirectory()) throw new Unsure();
  if (path === ".git/index") return sha256(listTracked(root));
  if (!stat.isFile() || stat.size > largestReadBytes) return identityOf(stat);
  return sha256(readFileSync(join(root, path)));
}

/** Which files a flake has depends on which git tracks, not on what else its index says. */
function listTracked(root: string): Buffer {
  const { status, stdout } = spawnSync("git", ["ls-files", "-z"], { cwd: root, maxBuffer: mostListedBytes });
  if (status !== 0) throw new Unsure();
  return stdout;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function identityOf({ dev, ino, size, mode, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mode, ctimeNs].join(":");
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
