import { badParameters, failure } from "../http/api-error.ts";
import type { PveStorage } from "../state/storage.ts";

/** A kind of file that may be brought to a storage from outside. */
interface ContentKind {
  /** Names that are taken. */
  readonly pattern: RegExp;
  readonly refusal: string;
  /** The volume's format, by the end of its name. */
  readonly formatOf: (ending: string) => string;
}

const kinds: Readonly<Record<string, ContentKind>> = {
  iso: { pattern: /^[^/]+\.(iso|img)$/i, refusal: "wrong file extension", formatOf: () => "iso" },
  vztmpl: {
    pattern: /^[^/]+\.tar\.(gz|xz|zst|bz2)$/i,
    refusal: "wrong file extension",
    formatOf: (ending) => `t${ending}`,
  },
  import: {
    pattern: /^[a-zA-Z0-9\-.+=_]+\.(ova|qcow2|raw|vmdk)$/,
    refusal: "invalid filename or wrong extension",
    formatOf: (ending) => ending,
  },
};

/** Where a file is to go. */
export interface FileTarget {
  readonly storage: PveStorage;
  readonly node: string;
  readonly content: string;
  readonly format: string;
  readonly volid: string;
}

/** A file name as the server keeps it: no folders, and `_` for what no file name should have. */
function normalizeName(name: string): string {
  return name.replace(/^.*[/\\]/s, "").replaceAll(/[^a-zA-Z0-9_.-]/g, "_");
}

/** What the two ways to a storage say to one that takes no files, or none of this kind. */
export interface Refusals {
  readonly noFiles: (storage: PveStorage) => string;
  readonly noSuchContent: (storage: PveStorage, content: string) => string;
}

/**
 * Decides under which name a file goes to a storage.
 *
 * @throws ApiError 500 when the storage takes no such files, 400 for a name that does not fit the kind.
 */
export function targetOf(
  place: { readonly storage: PveStorage; readonly node: string },
  content: string,
  fileName: string,
  refusals: Refusals,
): FileTarget {
  const { storage } = place;
  if (storage.style !== "dir") throw failure(refusals.noFiles(storage));
  const kind = kinds[content];
  if (kind === undefined) throw badParameters({ content: `upload content type '${content}' not allowed` });
  const name = normalizeName(fileName);
  const [, ending] = kind.pattern.exec(name) ?? [];
  if (ending === undefined) throw badParameters({ filename: kind.refusal });
  if (!storage.content.includes(content)) throw failure(refusals.noSuchContent(storage, content));
  const volid = `${storage.name}:${content}/${name}`;
  return { ...place, content, format: kind.formatOf(ending.toLowerCase()), volid };
}
